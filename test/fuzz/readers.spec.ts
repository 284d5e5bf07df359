import contentDisposition from 'content-disposition';
import fc, { type Arbitrary } from 'fast-check';
import { attachmentDisposition, storedFileName } from '../../libs/protocol/file-name.js';
import { decodeByteStrings } from '../../libs/protocol/bencode.js';
import { readContent } from '../../libs/protocol/content.js';
import {
  countCodePoints,
  decodeBase64,
  decodeHex,
  decodeHexOrBase64,
} from '../../libs/protocol/encodings.js';
import { parseSessionId, parseRoomToken } from '../../libs/protocol/ids.js';
import { parseJson } from '../../libs/protocol/json.js';
import { readProtobuf } from '../../libs/protocol/protobuf.js';
import { parseTarget } from '../../libs/protocol/wire.js';
import { contentBytes } from '../support/content-writer.js';
import { expectNoGrowth, fuzz, FUZZ_SCALE } from './fuzz-run.js';
import {
  almost,
  almostBytes,
  anyBytes,
  hostileTarget,
  hostileText,
  jsonText,
  repeated,
} from './hostile-values.js';

/**
 * The readers of single things. The specs beside them say what each has to take and to refuse; here they get what is
 * long, deep, wide and nearly right, and must neither throw anything but a refusal nor take long.
 */

jest.setTimeout(120_000 * FUZZ_SCALE);

const DEPTH_MAX = 32;

/** What was read, or undefined for a refusal of the protocol's kind. */
function readOrRefuse<Value>(read: () => Value): { value: Value } | undefined {
  try {
    return { value: read() };
  } catch (error) {
    expect(error).toMatchObject({ name: 'WireError', status: 400 });
    return undefined;
  }
}

const encoded: Arbitrary<string> = fc.oneof(
  anyBytes(200).map((bytes) => bytes.toString('base64')),
  anyBytes(200).map((bytes) => bytes.toString('hex')),
  anyBytes(200)
    .map((bytes) => bytes.toString('base64'))
    .chain(almost),
  repeated(['A', '=', '00', 'A=', '-', 'é']),
  hostileText,
);

describe('base64 and hex', () => {
  it('are read as what they say, or not at all', () =>
    fuzz(encoded, 5_000, (text) => {
      const bytes = decodeBase64(text);
      if (bytes)
        expect(bytes.toString('base64').replace(/=+$/, '').length).toBe(text.replace(/=+$/, '').length);
      const hex = decodeHex(text);
      if (hex) expect(hex.toString('hex')).toBe(text.toLowerCase());
      for (const size of [16, 33, 64]) {
        const exact = decodeHexOrBase64(text, size);
        if (exact) expect(exact.length).toBe(size);
      }
    }));
});

describe('ids, tokens and lengths', () => {
  it('of any text are found in no time', () =>
    fuzz(hostileText, 3_000, (text) => {
      const id = parseSessionId(text);
      if (id !== undefined) expect(id).toMatch(/^(?:05|15|25)[0-9a-f]{64}$/);
      if (parseRoomToken(text) !== undefined) expect(text).toMatch(/^[\w-]{1,64}$/);
      expect(countCodePoints(text)).toBeLessThanOrEqual(text.length);
    }));
});

describe('JSON', () => {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: jsonText().map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: almostBytes(jsonText().map((text) => Buffer.from(text))) },
    { weight: 1, arbitrary: repeated(['"', '\\"', '"\\', '[', '{"', '\\\\"', '"[', ' ']).map(Buffer.from) },
  );

  it('is what the engine says it is, no deeper than allowed, and changes no prototype', () =>
    fuzz(bytes, 4_000, (body) => {
      const read = readOrRefuse(() => parseJson(body, DEPTH_MAX));
      if (!read) return;
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      // Deep ones are refused before this: it walks the stack.
      expect(typeof JSON.stringify(read.value)).toBe('string');
    }));

  it('that is good and not deep is never refused', () =>
    fuzz(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), 2_000, (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseJson(Buffer.from(text), DEPTH_MAX))).toBe(text);
    }));
});

describe('a request target', () => {
  const targets = hostileTarget(['/room/{room}', '/room/{room}/reaction/{id}/{emoji...}', '/batch', '/']);

  it('is a path and a query, or a refusal', () =>
    fuzz(targets, 4_000, (target) => {
      const read = readOrRefuse(() => parseTarget(target));
      if (!read) return;
      expect(read.value.path.startsWith('/')).toBe(true);
      expect(target.endsWith(read.value.rawQuery)).toBe(true);
    }));
});

/** Tags, lengths and values by hand, so that they may lie. */
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const number = fc.oneof(fc.nat(130), fc.constantFrom(2 ** 29, 2 ** 32, Number.MAX_SAFE_INTEGER), fc.nat());
const { protobuf } = fc.letrec<{ protobuf: Buffer }>((tie) => ({
  protobuf: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyBytes(20),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(1, 2, 3, 7, 8, 10, 15, 101, 102, 536_870_911),
          fc.nat(7),
          number,
          tie('protobuf'),
        ),
        { maxLength: 6 },
      )
      .map((fields) =>
        Buffer.concat(
          fields.flatMap(([field, type, value, inner]) => {
            const tag = varint(field * 8 + type);
            if (type === 2) return [tag, varint(value % 9 === 0 ? value : inner.length), inner];
            return type === 0 ? [tag, varint(value)] : [tag, inner];
          }),
        ),
      ),
  ),
}));

describe('protobuf', () => {
  const real = fc
    .record({ body: hostileText, displayName: hostileText, timestampMs: fc.nat() })
    .map((content) => contentBytes(content));
  const long = fc
    .tuple(fc.constantFrom('0a00', '0b', '0c', '0800', '0a02', '80', '920600'), fc.nat(8_000))
    .map(([hex, count]) => Buffer.from(hex.repeat(count), 'hex'));

  it('is read or not, whatever lies in it', () =>
    fuzz(fc.oneof(protobuf, real, almostBytes(real), long), 6_000, (bytes) => {
      let length = 0;
      const isWhole = readProtobuf(
        bytes,
        (_, value) => (length += typeof value === 'number' ? 1 : value.length),
      );
      if (isWhole) expect(length).toBeLessThanOrEqual(bytes.length);
      const content = readContent(bytes);
      if (content) expect(content.attachments.length).toBeLessThanOrEqual(64);
    }));
});

describe('bencode', () => {
  const pieces = fc.constantFrom('l', 'e', ':', '0', '1', '9', '999999999', 'i', 'd', '-', '4:spam', '0:');
  const built = fc.array(pieces, { maxLength: 20 }).map((all) => Buffer.from(`l${all.join('')}e`));

  it('is read without looking beyond its end', () =>
    fuzz(
      fc.oneof(built, almostBytes(built), repeated(['0:', 'l', '1', ':', 'e']).map(Buffer.from)),
      5_000,
      (input) => {
        const parts = decodeByteStrings(input, 2);
        for (const part of parts ?? []) expect(input.includes(part)).toBe(true);
        if (parts) expect(parts.length).toBeLessThanOrEqual(2);
      },
    ));
});

describe('the name of a file', () => {
  const name = fc.oneof(hostileText, almost('näme.txt'));
  const disposition = fc.oneof(
    name.map((text) => `attachment; filename="${text}"`),
    name.map((text) => `attachment; filename*=UTF-8''${text}`),
    name.map((text) => attachmentDisposition(text)),
    fc
      .array(fc.constantFrom(';', ' ', '\t', '=', '"', '\\', 'a', 'filename', '*', "UTF-8''", '%41', '%'))
      .map((all) => `attachment${all.join('')}`),
    repeated(['; a=b', '; a="\\', ';', ' ', '\t', '%41', '"', '\\"', '; a=', 'a']).map(
      (text) => `attachment${text}`,
    ),
    repeated(['%41', '%', 'a', '%e4']).map((text) => `attachment; filename*=UTF-8''${text}`),
    hostileText,
  );

  it('is found, or the disposition is refused', () =>
    fuzz(disposition, 5_000, (text) => {
      let found: string | undefined;
      try {
        found = contentDisposition.parse(text).parameters['filename'];
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      if (found === undefined) return;
      const stored = storedFileName(found, 1024);
      expect(stored).not.toMatch(/[\0/]/);
      expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(1024);
      expect(attachmentDisposition(stored)).toMatch(/^attachment(?:; filename\*=UTF-8''[\w.~%-]+)?$/);
    }));
});

describe('reading', () => {
  it('leaves nothing behind', () =>
    expectNoGrowth(
      fc.tuple(jsonText(), protobuf, encoded),
      { count: 300, rounds: 10 },
      ([json, bytes, text]) => {
        readOrRefuse(() => parseJson(Buffer.from(json), DEPTH_MAX));
        readContent(bytes);
        decodeBase64(text);
        decodeHex(text);
      },
    ));
});
