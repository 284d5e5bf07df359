import fc, { type Arbitrary } from 'fast-check';

/** What nobody would send by accident: inputs for every reader of ours, right enough to get into it. */

/** Long texts are where bad algorithms show; a quarter of what a message may have. */
export const LONG = 64 * 1024;

const PIECES = [
  '',
  '\0',
  '%',
  '%00',
  '%2f',
  '%ff',
  '%ed%a0%80',
  '../',
  '//',
  '?',
  '#',
  '&',
  '=',
  '[]',
  '__proto__',
  'constructor',
  'toString',
  'lobby',
  '-1',
  '0x10',
  '1e999',
  '9223372036854775808',
  '\ud800',
  '\udc00\ud800',
  '\u202e',
  '👍',
  'ﷺ',
  '"',
  '\\',
  "';--",
  '\r\n',
  '\t',
];

/** One piece, many times over. */
export const repeated = (pieces: readonly string[], length = LONG): Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...pieces), fc.integer({ min: 0, max: length }))
    .map(([piece, size]) => piece.repeat(Math.ceil(size / Math.max(piece.length, 1))).slice(0, size));

/** Short for the most part; lone surrogates among it. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((all) => all.join('')) },
  { weight: 2, arbitrary: fc.string({ maxLength: 100 }) },
  { weight: 1, arbitrary: fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: repeated(PIECES.filter((piece) => piece !== '')) },
);

/** Without lone surrogates, which no encoder takes. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();

/** `text` with a few characters replaced, left out or put in. */
export const almost = (text: string): Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...PIECES, 'a', '0', ' ')), { maxLength: 3 })
    .map((changes) =>
      changes.reduce((changed, [where, cut, piece]) => {
        const at = changed.length === 0 ? 0 : where % changed.length;
        return changed.slice(0, at) + piece + changed.slice(at + cut);
      }, text),
    );

/** The same for bytes. */
export const almostBytes = (bytes: Arbitrary<Buffer>, changesMax = 4): Arbitrary<Buffer> =>
  fc
    .tuple(
      bytes,
      fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.uint8Array({ maxLength: 4 })), { maxLength: changesMax }),
    )
    .map(([whole, changes]) =>
      changes.reduce((changed, [where, cut, put]) => {
        const at = changed.length === 0 ? 0 : where % changed.length;
        return Buffer.concat([changed.subarray(0, at), put, changed.subarray(at + cut)]);
      }, whole),
    );

export const anyBytes = (maxLength: number): Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e-400',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  `1${'0'.repeat(400)}`,
  `0.${'1'.repeat(400)}`,
  '01',
  '.5',
  'NaN',
];
const KEYS = ['a', '__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toJSON', '', '0', 'length'];

/** Texts that are JSON or nearly so: deep, wide, keys given twice, keys of Object's own, numbers beyond all bounds. */
export const jsonText = (keys: readonly string[] = []): Arbitrary<string> => {
  const key = fc.oneof(fc.constantFrom(...keys, ...KEYS), hostileText).map((text) => JSON.stringify(text));
  const escapes = fc.constantFrom('"\\ud800"', '"\\u0000"', '"\\u00e9\\udfff"', '"\ud800"', '"\\x"', '"');
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom('null', 'true', 'false', '""', '{}', '[]', ...NUMBERS),
      fc.oneof(
        hostileText.map((text) => JSON.stringify(text)),
        escapes,
      ),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(key, tie('value')), { maxLength: 5 })
        .map((entries) => `{${entries.map((entry) => entry.join(':')).join(',')}}`),
    ),
  }));
  return fc.oneof(
    { weight: 12, arbitrary: value },
    { weight: 1, arbitrary: nested('[', ']') },
    { weight: 1, arbitrary: nested('{"a":', '}') },
    { weight: 1, arbitrary: wide },
    { weight: 1, arbitrary: value.chain(almost) },
  );
};

const nested = (open: string, close: string): Arbitrary<string> =>
  fc
    .tuple(fc.oneof(fc.integer({ min: 25, max: 40 }), fc.nat(13_000)), fc.boolean())
    .map(([depth, isClosed]) => `${open.repeat(depth)}1${isClosed ? close.repeat(depth) : ''}`);

const wide: Arbitrary<string> = fc
  .tuple(fc.constantFrom('[]', '{}', '"a":1'), fc.nat(10_000))
  .map(([item, count]) => {
    const items = Array<string>(count).fill(item).join(',');
    return item.startsWith('"') ? `{${items}}` : `[${items}]`;
  });

/** What a header, a path or a number may look like inside JSON, and what not. */
export const hostileJson = (keys: readonly string[] = []): Arbitrary<unknown> =>
  fc.oneof(
    fc.dictionary(fc.constantFrom(...keys, ...KEYS), fc.jsonValue({ maxDepth: 2 })),
    fc.jsonValue({ maxDepth: 4 }),
    hostileText,
    fc.constantFrom(null, true, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER),
  );

/** Request targets: nearly right ones of `paths`, with `known` ids and tokens for the most part, and anything. */
export const hostileTarget = (paths: readonly string[], known: readonly string[] = []): Arbitrary<string> => {
  const place = fc.oneof(
    ...(known.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...known) }] : []),
    fc.constantFrom('lobby', '1', '0', '9223372036854775807', '👍', '%F0%9F%91%8D', `15${'a'.repeat(64)}`),
    hostileText,
  );
  const path = fc
    .tuple(fc.constantFrom(...paths), fc.array(place, { minLength: 4, maxLength: 4 }))
    .map(([pattern, values]) => {
      let at = 0;
      return pattern.replace(/\{[\w.]+\}/g, () => values[at++ % values.length]!);
    });
  const parameter = fc
    .tuple(fc.constantFrom('limit', 'reactors', 't', 'required', '__proto__', ''), place)
    .map((pair) => pair.join('='));
  const query = fc.oneof(
    fc.array(parameter, { maxLength: 5 }).map((all) => all.join('&')),
    hostileText,
    repeated(['&', 'a=&', '%41', 'limit=1&']),
  );
  const target = fc.tuple(path, fc.option(query, { nil: '' })).map(([p, q]) => (q === '' ? p : `${p}?${q}`));
  return fc.oneof(
    { weight: 6, arbitrary: target },
    { weight: 1, arbitrary: target.chain(almost) },
    hostileText,
  );
};
