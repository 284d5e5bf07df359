import fc from 'fast-check';
import { WireError } from './errors.js';
import { parseJson } from './json.js';
import { JSON_VALUES_MAX } from './limits.js';

const parse = (text: string | Buffer, depthMax = 32) => parseJson(Buffer.from(text as string), depthMax);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

function statusOf(call: () => unknown): number | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof WireError) return error.status;
    throw error;
  }
  return undefined;
}

describe('a JSON body', () => {
  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['trailing bytes', '{} {}'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{} // no'],
    ['a string that never ends', '"abc'],
    ['an escaped end', '"abc\\"'],
    ['closing brackets only', ']]]]'],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', 'NaN'],
  ])('is refused with 400: %s', (_what, text) => {
    expect(statusOf(() => parse(text))).toBe(400);
  });

  it('is refused with 400 when it is not UTF-8', () => {
    expect(statusOf(() => parse(Buffer.from([0x22, 0xff, 0x22])))).toBe(400);
    expect(statusOf(() => parse(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])))).toBe(400);
  });

  it('may nest as deep as allowed and no deeper', () => {
    expect(statusOf(() => parse(nested(32)))).toBeUndefined();
    expect(statusOf(() => parse(nested(33)))).toBe(400);
    expect(statusOf(() => parse(`{"a":${nested(32)}}`))).toBe(400);
  });

  it('is refused at any depth without running out of stack', () => {
    expect(statusOf(() => parse('['.repeat(1_000_000)))).toBe(400);
    expect(statusOf(() => parse('{"a":'.repeat(1_000_000)))).toBe(400);
  });

  it('may hold brackets inside strings, behind any number of escapes', () => {
    const text = JSON.stringify([nested(100), `"${nested(100)}`, `\\"${nested(100)}\\`, '\\', '[[[[']);
    expect(statusOf(() => parse(text, 1))).toBeUndefined();
  });

  it('may hold a hundred thousand values and no more, however they are written', () => {
    const list = (item: string, count: number) => `[${Array<string>(count).fill(item).join(',')}]`;
    expect(statusOf(() => parse(list('1', JSON_VALUES_MAX - 1)))).toBeUndefined();
    expect(statusOf(() => parse(list('1', JSON_VALUES_MAX + 1)))).toBe(400);
    expect(statusOf(() => parse(list('{}', JSON_VALUES_MAX / 2 + 1)))).toBe(400);
    expect(
      statusOf(() =>
        parse(
          list('"k":1', JSON_VALUES_MAX + 1)
            .replace('[', '{')
            .replace(']', '}'),
        ),
      ),
    ).toBe(400);
    expect(statusOf(() => parse(JSON.stringify([list('[]', JSON_VALUES_MAX)])))).toBeUndefined();
  });

  it('counts depth as the parser does, whatever the strings', () => {
    const strings = fc.array(fc.constantFrom('"', '\\', '[', ']', '{', '}', 'a'), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(strings, { maxLength: 5 }), (values) => {
        const text = JSON.stringify(values.map((characters) => characters.join('')));
        expect(parse(text, 1)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing but the protocol’s 400, whatever the bytes', () => {
    const bytes = fc.array(fc.constantFrom(0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x30, 0x3a, 0x2c, 0xff), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(bytes, (given) => {
        expect([undefined, 400]).toContain(statusOf(() => parse(Buffer.from(given))));
      }),
      { numRuns: 500 },
    );
  });
});
