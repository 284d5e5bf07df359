import fc, { type Arbitrary } from 'fast-check';
import { EMPTY_BODY, parseTarget, type WireRequest } from '../../libs/protocol/wire.js';
import { byteStrings, envelope, onionRequest, sealOnion } from '../support/onion-client.js';
import { Account, authHeaders, sessionClientReady } from '../support/session-client.js';
import { expectNoGrowth, FUZZ_SCALE, fuzzLater } from './fuzz-run.js';
import {
  almost,
  almostBytes,
  anyBytes,
  hostileJson,
  hostileTarget,
  hostileText,
  jsonText,
} from './hostile-values.js';
import { MemoryServer } from './memory-server.js';

/** Whole requests, as far as they come before a service is called: nothing in them may make a 500 or take long. */

jest.setTimeout(120_000 * FUZZ_SCALE);

let server: MemoryServer;
let account: Account;
beforeAll(async () => {
  await sessionClientReady();
  server = await MemoryServer.make();
  account = new Account(Buffer.alloc(32, 3), server.keys.publicKey);
});

const FIELDS =
  'data signature whisper_to whisper_mods files name description image rooms global moderator admin visible timeout read default_read unschedule in message method path headers json b64 bytes'.split(
    ' ',
  );
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
const method = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...METHODS) },
  { weight: 1, arbitrary: fc.constantFrom('PATCH', 'get', '', '__proto__', 'constructor') },
);
const wrongHeaders: Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    'x-sogs-pubkey',
    'x-sogs-nonce',
    'x-sogs-timestamp',
    'x-sogs-signature',
    'content-disposition',
    '__proto__',
  ),
  fc.oneof(
    hostileText,
    fc.constantFrom(
      `15${'a'.repeat(64)}`,
      `00${'0'.repeat(64)}`,
      'A'.repeat(22),
      '1'.repeat(400),
      'A'.repeat(86),
      '-1',
      '1e9',
    ),
  ),
);

interface Hostile {
  method: string;
  target: string;
  body: Buffer;
  /** Of the right kind, then changed by these; `undefined`: all of them are wrong. */
  signed: boolean;
  headers: Record<string, string>;
}

/** The paths are known when the server is. */
function requests(): Arbitrary<Hostile> {
  const target = hostileTarget(server.paths);
  const part = fc.record(
    {
      method,
      path: target,
      headers: hostileJson(),
      json: hostileJson(FIELDS),
      b64: hostileText,
      bytes: hostileText,
    },
    { requiredKeys: ['method', 'path'] },
  );
  const { batch } = fc.letrec<{ batch: unknown }>((tie) => ({
    batch: fc.array(
      fc.oneof(
        { maxDepth: 3 },
        part,
        fc.record({
          method: fc.constant('POST'),
          path: fc.constantFrom('/batch', '/sequence'),
          json: tie('batch'),
        }),
        hostileJson(FIELDS),
      ),
      { maxLength: 5 },
    ),
  }));
  const body = fc.oneof(
    jsonText(FIELDS).map((text) => Buffer.from(text)),
    hostileJson(FIELDS).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    anyBytes(50),
    fc.constant(EMPTY_BODY),
  );
  const headers = fc.oneof(fc.constant({}), wrongHeaders);
  return fc.oneof(
    fc.record({ method, target, body, signed: fc.boolean(), headers }),
    fc.record({
      method: fc.constant('POST'),
      target: fc.constantFrom('/batch', '/sequence'),
      body: batch.map((value) => Buffer.from(JSON.stringify(value))),
      signed: fc.boolean(),
      headers,
    }),
  );
}

/** Undefined where the target is none, which is refused before. */
function wireRequest({ method: verb, target, body, signed, headers }: Hostile): WireRequest | undefined {
  let parsed;
  try {
    parsed = parseTarget(target);
  } catch (error) {
    expect(error).toMatchObject({ name: 'WireError', status: 400 });
    return undefined;
  }
  const good = signed ? Object.entries(authHeaders(account, { method: verb, target, body })) : [];
  const lowerCase = Object.fromEntries(good.map(([name, value]) => [name.toLowerCase(), value]));
  return { method: verb, ...parsed, body, headers: { ...lowerCase, ...headers } };
}

describe('a request of any kind', () => {
  it('is answered with less than 500, and soon', () =>
    fuzzLater(requests(), 4_000, async (hostile) => {
      const request = wireRequest(hostile);
      if (request) await server.answer(request);
    }));

  it('of bytes that repeat without end is, too', () => {
    const long = fc
      .tuple(fc.constantFrom('/', '&', 'a=&', '%41', '?', '👍', '[]', ' '), fc.nat(200_000))
      .map(([piece, count]) => piece.repeat(count));
    const parts = fc.tuple(fc.constantFrom(...server.paths), long).map(([path, tail]) => `${path}${tail}`);
    return fuzzLater(fc.tuple(parts, fc.constantFrom(...METHODS)), 500, async ([path, verb]) => {
      const batch = [{ method: verb, path, ...(verb.startsWith('P') && { json: {} }) }];
      const body = Buffer.from(JSON.stringify(batch));
      await server.answer({ method: 'POST', path: '/batch', rawQuery: '', headers: {}, body });
    });
  });

  it('leaves nothing behind', () =>
    expectNoGrowth(requests(), { count: 300, rounds: 10 }, (hostile) => {
      const request = wireRequest({ ...hostile, signed: false });
      return request && server.answer(request);
    }));
});

describe('an onion with anything inside', () => {
  const version = fc.constantFrom(3 as const, 4 as const);
  const scheme = fc.constantFrom('xchacha20' as const, 'aes-gcm' as const);
  const metadata = (): Arbitrary<Buffer> =>
    fc
      .record(
        {
          endpoint: fc.oneof(hostileTarget(server.paths), hostileJson()),
          method: fc.oneof(method, hostileJson()),
          headers: fc.oneof(wrongHeaders, hostileJson(['X-SOGS-Nonce', 'x-sogs-nonce'])),
          body: fc.oneof(jsonText(FIELDS), hostileJson()),
        },
        { requiredKeys: [] },
      )
      .map((value) => Buffer.from(JSON.stringify(value)));
  const inside = (): Arbitrary<Buffer> => {
    const json = fc.oneof(
      { weight: 3, arbitrary: metadata() },
      jsonText().map((text) => Buffer.from(text)),
    );
    const bencoded = fc
      .tuple(json, fc.option(anyBytes(100)))
      .map(([head, body]) => byteStrings(head, ...(body ? [body] : [])));
    return fc.oneof(json, bencoded, almostBytes(bencoded), anyBytes(60));
  };

  it('is opened, answered and sealed, whatever it is', () =>
    fuzzLater(fc.tuple(inside(), version, scheme), 3_000, async ([plaintext, v, s]) => {
      const onion = sealOnion(server.keys.publicKey, plaintext, { version: v, scheme: s });
      const answer = await server.answerOnion(onion.bytes, v);
      if (!answer) throw new Error('it cannot be opened');
      if (v === 4) expect(onion.readAnswer(answer).status).toBeGreaterThanOrEqual(200);
      else onion.openAnswer(answer);
    }));

  it('may have an envelope that is wrong anywhere', () => {
    const whole = fc.tuple(version, scheme).map(([v, s]) => {
      const call = { version: v, scheme: s, method: 'GET', endpoint: '/rooms' };
      return onionRequest(server.keys.publicKey, call).bytes;
    });
    const control = fc.oneof(
      jsonText(['ephemeral_key', 'enc_type']),
      almost(`{"ephemeral_key":"${'ab'.repeat(32)}"}`),
    );
    const built = fc.tuple(anyBytes(80), control).map(([ciphertext, text]) => {
      const bytes = envelope(ciphertext, {});
      return Buffer.concat([bytes.subarray(0, -2), Buffer.from(text)]);
    });
    return fuzzLater(fc.tuple(fc.oneof(almostBytes(whole, 2), built), version), 3_000, async ([bytes, v]) => {
      await server.answerOnion(bytes, v);
    });
  });
});
