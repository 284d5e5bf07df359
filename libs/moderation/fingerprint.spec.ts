import fc from 'fast-check';
import { fingerprint, fingerprintOf } from './fingerprint.js';

const SPAM = 'Buy cheap followers at example.com today';

describe('the fingerprint of a text', () => {
  it.each([
    ['case', SPAM.toUpperCase()],
    ['spacing', `  ${SPAM.replaceAll(' ', '\n  ')}\t`],
    ['letters apart', [...SPAM].join(' ')],
    ['punctuation', '>>> Buy: cheap, "followers" -- at example.com!!! TODAY...'],
    ['invisible characters', [...SPAM].join('\u200b')],
    ['diacritics', 'Büy chéap followers àt example.com tōday'],
    ['lookalikes', 'Вuу сhеар fоllоwеrѕ аt example.com tоdау'],
    ['fancy letters', '𝐁𝐮𝐲 𝐜𝐡𝐞𝐚𝐩 𝐟𝐨𝐥𝐥𝐨𝐰𝐞𝐫𝐬 𝐚𝐭 example.com 𝐭𝐨𝐝𝐚𝐲'],
    ['wide letters', 'Ｂｕｙ ｃｈｅａｐ ｆｏｌｌｏｗｅｒｓ ａｔ ｅｘａｍｐｌｅ．ｃｏｍ ｔｏｄａｙ'],
    ['repeated letters', 'Buuuuy cheeeap followersss at example.com todayyyy'],
    ['digits for letters', 'Buy ch3ap f0llowers @t example.com t0day'],
    ['emoji', '🔥🔥 Buy cheap followers 🚀 at example.com today 💰'],
    ['a number at the end', `${SPAM} 83472`],
    ['random letters at the end', `${SPAM} x7Kq2`],
    ['random consonants at the end', `${SPAM} (xkqzw)`],
    ['numbers at both ends', `#17 ${SPAM} [91] 5 q9`],
  ])('is the same with other %s', (_, text) => expect(fingerprintOf(text)).toBe(fingerprintOf(SPAM)));

  it.each([
    ['another word', 'Sell cheap followers at example.com today'],
    ['another order', 'Today buy cheap followers at example.com'],
    ['a word more', `${SPAM} please`],
    ['a number inside', 'Buy 100 cheap followers at example.com today'],
    ['another host', 'Buy cheap followers at example.org today'],
    ['more noise than there may be', `${SPAM} 1 2 3 4`],
    ['a long random word', `${SPAM} ${'x7'.repeat(20)}`],
  ])('is another with %s', (_, text) => expect(fingerprintOf(text)).not.toBe(fingerprintOf(SPAM)));

  it('keeps what would be noise behind a text, when it is the text', () => {
    const texts = ['12345', '67890', 't.me/x7k2q', 't.me/zz9pl', 'xkcd', 'tldr', '🔥', '🚀', '!!!', '???'];
    expect(new Set(texts.map(fingerprintOf)).size).toBe(texts.length);
  });

  it.each(['', ' ', '\n\t', '\u200b\u00ad'])('is none where nothing can be seen: %j', (text) =>
    expect(fingerprint(text)).toBeUndefined(),
  );

  it('counts what the text is made of', () => {
    expect(fingerprint('lol')?.length).toBe(3);
    expect(fingerprint('loooool!!!')?.length).toBe(3);
    expect(fingerprint('Hello, world 12')?.length).toBe(11);
    expect(fingerprint('🔥🔥')?.length).toBe(1);
    expect(fingerprint('你好世界')?.length).toBe(4);
  });

  it('tells texts in other scripts apart, too', () => {
    expect(fingerprintOf('Купите подписчиков дёшево')).toBe(
      fingerprintOf('КУПИТЕ   подписчиков, дешево!!! 777'),
    );
    expect(fingerprintOf('便宜的粉丝 example')).not.toBe(fingerprintOf('便宜的衣服 example'));
    expect(fingerprintOf('便宜的粉丝')).toBe(fingerprintOf('便宜 的 粉丝 🔥'));
  });

  it('shows nothing of the text', () => {
    expect(fingerprintOf(SPAM)).toMatch(/^[\w-]{22}$/);
  });

  it('does not depend on anything but letters', () => {
    const word = fc.stringMatching(/^[b-df-hj-z]{1,3}[aeiou][b-df-hj-z]{1,3}[aeiou]{1,2}$/);
    const gap = fc.stringMatching(/^[ .,;\n\u200b-]{1,5}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 3, maxLength: 20 }),
        gap,
        fc.nat(),
        (words, between, number) => {
          const text = words.join(' ');
          const other = words
            .map((each, at) => (at % 2 ? each.toUpperCase() : `${each}${each.at(-1)}`))
            .join(between);
          expect(fingerprintOf(`${other} ${number}`)).toBe(fingerprintOf(text));
        },
      ),
    );
  });

  it('is the same every time, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fingerprint(text)).toEqual(fingerprint(text));
        expect(fingerprint(`${text}\u200b`)).toEqual(fingerprint(text));
      }),
    );
  });

  it.each(['a', 'ab ', '1 ', 'x7', '🔥', '看', 'e\u0301', '\u200b', ' ', 'b4d ', '!|'])(
    'takes little time for 256 KiB of %j',
    (unit) => {
      const text = unit.repeat((256 * 1024) / unit.length);
      const start = performance.now();
      fingerprint(text);
      expect(performance.now() - start).toBeLessThan(15_000); // up to 100 on the machine this was written on
    },
  );
});
