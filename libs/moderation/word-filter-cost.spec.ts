import { compiledBuiltInWords, compileWords, WordFilter } from './word-filter.js';

/** Words without a meaning, the same every time. */
function madeUpWords(count: number): string[] {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const words = new Set<string>();
  while (words.size < count) {
    words.add(Array.from({ length: 5 + next(6) }, () => String.fromCharCode(97 + next(26))).join(''));
  }
  return [...words];
}

const WORDS = madeUpWords(10_000);
const filter = new WordFilter([compiledBuiltInWords(), compileWords(WORDS, 'test')]);

const TYPICAL =
  'The weather has been rather nice this week, so we thought about going to the lake on Saturday; anybody who ' +
  'wants to come along should write me until Friday evening. I can take three people in my car!';
const TYPICAL_RUSSIAN =
  'Погода на этой неделе была довольно хорошей, поэтому мы думали поехать на озеро в субботу; кто хочет ' +
  'присоединиться, пусть напишет мне до вечера пятницы. Могу взять с собой троих, места хватит!';

/** Microseconds per call: the fastest of several rounds, since other work on the machine only ever adds. */
function cost(text: string, calls: number): number {
  const rounds = Array.from({ length: 7 }, () => {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) filter.matches(text);
    return Number(process.hrtime.bigint() - start) / 1000 / calls;
  });
  return Math.min(...rounds);
}

describe('with 10 000 words and the built-in list', () => {
  it.each([
    ['English', TYPICAL],
    ['Russian', TYPICAL_RUSSIAN],
    ['digits for letters', TYPICAL.replaceAll('e', '3')],
  ])('a message of 200 characters costs little: %s', (name, text) => {
    expect(filter.matches(text)).toBe(false);
    const microseconds = cost(text, 300);
    console.log(`${name}: ${microseconds.toFixed(1)} µs for ${text.length} characters`);
    expect(microseconds).toBeLessThan(1000); // 10 to 25 on the machine this was written on
  });

  it.each([
    ['one letter', 'a'],
    ['a beginning of words', 'fu '],
    ['letters apart', 'f u c '],
    ['digits for letters', 'b4n4n4 1 '],
    ['digits without end', '1a'],
    ['an allowed word', 'analysis '],
    ['half a word', WORDS[0]!.slice(0, -1)],
    ['marks', '\u0301\u0316'],
    ['points', '\u05b0\u05b4\u05bc'],
    ['signs', '!|('],
    ['breaks', ' '],
    ['emoji', '🖕🏽'],
    ['expanding characters', '\ufdfa'],
  ])('time grows with the length alone: %s', (name, unit) => {
    const short = unit.repeat(10_000 / unit.length);
    cost(short, 3);
    const [one, sixteen] = [cost(short, 3), cost(short.repeat(16), 1)];
    console.log(`${name}: ${one.toFixed(0)} µs for 10 000 characters, ${sixteen.toFixed(0)} for 160 000`);
    expect(sixteen).toBeLessThan(16 * one * 5 + 5_000); // quadratic would be 256 times
  });

  it('compiles at start in no time that anybody notices', () => {
    const start = performance.now();
    compileWords(WORDS, 'test');
    expect(performance.now() - start).toBeLessThan(15_000); // 80 ms
  });
});
