import fc from 'fast-check';
import { compileWords, WordFilter } from './word-filter.js';

const filterOf = (...terms: string[]): WordFilter => new WordFilter([compileWords(terms, 'test')]);
const finds = (terms: string | string[], text: string): boolean => filterOf(...[terms].flat()).matches(text);

describe('a word', () => {
  it.each([
    'bad',
    'BAD',
    'so bad!',
    '(bad)',
    'bad, good',
    'bad_word',
    'bad88',
    'x\nbad\ty',
    '"bad"',
    '👍bad👍',
  ])('is found in %j', (text) => expect(finds('bad', text)).toBe(true));

  it.each(['', ' ', 'badly', 'abad', 'Abadan', 'ba', 'bda', 'ba d', 'baden-baden', 'бад'])(
    'is not found in %j',
    (text) => expect(finds('bad', text)).toBe(false),
  );

  it.each([
    ['bad*', 'badly', true],
    ['bad*', 'abad', false],
    ['*bad', 'abad', true],
    ['*bad', 'badly', false],
    ['*bad*', 'abadly', true],
    ['kill yourself', 'Kill \n yourself.', true],
    ['kill yourself', 'kill-yourself', true],
    ['kill yourself', 'killyourself', false],
    ['t.me', 'see t.me/x', true],
    ['4chan', 'on 4chan', true],
    ['4chan', 'achan', false],
    ['🖕', 'hey🖕🏿you', true],
    ['🖕', '👍', false],
    ['操你妈', '我操你妈的', true],
    ['เหี้ย', 'ไอเหี้ยนี่', true],
    ['시발', '시발!', true],
    ['시발*', '시발놈', true],
    ['시발*', '시밝', false],
    ['*가', '각', false],
    ['वेश्या', 'वह वेश्या है', true],
    ['बे', 'बा', false],
    ['שרמוטה', 'שַׁרְמוּטָה', true],
    ['كلب', 'كَـــلْب', true],
  ])('%j in %j: %s', (term, text, found) => expect(finds(term, text)).toBe(found));
});

describe('a word in disguise is found', () => {
  it.each([
    ['other case and width', 'ＢａＤ'],
    ['mathematical letters', '𝖇𝓪𝕕'],
    ['small capitals', 'ʙᴀᴅ'],
    ['circled letters', 'ⓑⓐⓓ'],
    ['a Cyrillic letter', 'bаd'],
    ['a Greek letter', 'bαd'],
    ['diacritics', 'b̷̛̖ä̸̡́d̶̰͐'],
    ['precomposed diacritics', 'ḃåḍ'],
    ['a zero-width space', 'b\u200bad'],
    ['a soft hyphen', 'b\u00adad'],
    ['a word joiner', 'b\u2060ad'],
    ['a direction mark', 'b\u202ead'],
    ['a control character', 'b\u0001ad'],
    ['a variation selector', 'b\ufe0fad'],
    ['a tag character', 'b\u{e0061}ad'],
    ['a digit', 'b4d'],
    ['a sign', 'b@d!'],
    ['a digit of another script', 'b٤d'],
    ['repeated letters', 'baaaaad'],
    ['repeated letters everywhere', 'bbbbaaaaddddd'],
    ['letters apart', 'b a d'],
    ['letters with dots', 'b.a.d'],
    ['letters with lines', 'so b - a - d here'],
    ['letters apart, with a Cyrillic one', 'b а d'],
  ])('%s', (_, text) => expect(finds('bad', text)).toBe(true));

  it.each([
    ['hello', 'he11o'],
    ['idiot', '1d1ot'],
    ['idiot', '!d!ot'],
    ['hit', 'h1t'],
    ['lit', 'l1t'],
    ['ass', 'a$$'],
    ['a$$', 'ass'],
    ['сука', 'сукa'],
    ['сука', 'cyka'],
    ['scheisse', 'Scheiße'],
    ['Scheiße', 'scheisse'],
    ['schön', 'schöön schööön'],
    ['zżżż', 'zżżżż'],
  ])('%j as %j', (term, text) => expect(finds(term, text)).toBe(true));
});

describe('no word is found where there is none', () => {
  it.each([
    ['doubled letters', 'god', 'good'],
    ['doubled letters the other way', 'good', 'god'],
    ['another vowel', 'schön', 'schon'],
    ['a quantity', 'ass', 'after 45s, at 455, 455kg'],
    ['a model', 'ass', 'the A55 and the a55'],
    ['a hexadecimal id', '*boob*', '@15ffe0b00b0000000000000000000000000000000000000000000000000000000000'],
    ['two letters apart', 'is', 'i s'],
    ['letters on lines of their own', 'bad', 'b\na\nd'],
    ['a list', 'abc', 'a) x b) y c) z'],
    ['Russian that looks like English', 'cock', 'У детей соск и бутылок много'],
    ['English that looks like Russian', 'рот', 'put it into the pot'],
  ])('%s', (_, term, text) => expect(finds(term, text)).toBe(false));
});

describe('allowed words', () => {
  it.each([
    ['Alfred Hitchcock', false],
    ['hitchcock, hitchcock', false],
    ['hitchcocks', true],
    ['hitchcock hit', true],
    ['HITCHCOCK hitting', true],
  ])('cover what lies inside them: %j', (text, found) =>
    expect(finds(['hit*', '!hitchcock'], text)).toBe(found),
  );

  it('hold for all lists', () => {
    const lists = [compileWords(['hit*', '!bad'], 'a'), compileWords(['bad', 'x y', '!hitchcock'], 'b')];
    const filter = new WordFilter(lists);
    expect(['bad', 'hitchcock', 'hits', 'x y'].map((text) => filter.matches(text))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('alone forbid nothing', () => expect(finds('!bad', 'bad')).toBe(false));
});

it('no list finds nothing', () => {
  expect(new WordFilter([]).matches('anything')).toBe(false);
  expect(filterOf().matches('anything')).toBe(false);
});

describe('any text', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));
  const word = fc.stringMatching(/^[a-z]{2,8}$/);

  it('is judged without an error, lone surrogates included', () => {
    const filter = filterOf('bad', 'кот', '*x y*', '🖕', '!good');
    fc.assert(
      fc.property(
        anyText,
        fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'b', 'a', 'd', '\u0301') }),
        (a, b) => {
          expect(typeof filter.matches(a + b)).toBe('boolean');
        },
      ),
    );
  });

  it('has the words that it has', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 20 }),
        anyText,
        anyText,
        (words, before, after) => {
          // The text around must not disguise it: by itself, between line breaks, it stands alone.
          expect(filterOf(...words).matches(`${before}\n\n\n\n${words[0]}\n\n\n\n${after}`)).toBe(true);
        },
      ),
    );
  });

  it('has no word that shares no letter with it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[dfgjq]{2,8}$/), { minLength: 1, maxLength: 20 }),
        fc.string({ unit: fc.constantFrom(...'abc klm. '), maxLength: 100 }),
        (words, text) => expect(filterOf(...words.map((each) => `*${each}*`)).matches(text)).toBe(false),
      ),
    );
  });
});
