import fc from 'fast-check';
import { envelope, onionRequest } from '../../test/support/onion-client.js';
import { sessionClientReady } from '../../test/support/session-client.js';
import { hexBytes, readVectors } from '../../test/support/vectors.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import { serverKeysOf } from '../crypto/server-keys.js';
import { DEFAULT_LIMITS, ONION_CONTROL_BYTES_MAX } from '../protocol/limits.js';
import { OnionGateway } from './onion-gateway.js';

const crypto = selectCryptoBackend('sodium');
const serverKeys = serverKeysOf(crypto, hexBytes(readVectors('onion').server_private));
const gateway = new OnionGateway({ crypto, serverKeys, limits: DEFAULT_LIMITS });
const VERSIONS = [3, 4] as const;

/** A good request of each scheme. */
let requests: Buffer[];

beforeAll(async () => {
  await sessionClientReady();
  requests = (['default', 'xchacha20'] as const).map(
    (scheme) => onionRequest(serverKeys.publicKey, { scheme, method: 'GET', endpoint: '/' }).bytes,
  );
});

/** `opened`, or the text of the 400; anything else that is thrown fails the test. */
function outcome(bytes: Buffer, version: 3 | 4 = 4): string {
  try {
    gateway.open(bytes, version);
    return 'opened';
  } catch (error) {
    expect(error).toMatchObject({ name: 'WireError', status: 400 });
    return (error as { text: string }).text;
  }
}

/** The same request with another control part. */
function withControl(request: Buffer, change: Record<string, unknown> | string): Buffer {
  const end = 4 + request.readUInt32LE(0);
  const control = JSON.parse(request.subarray(end).toString()) as Record<string, unknown>;
  const changed = typeof change === 'string' ? change : JSON.stringify({ ...control, ...change });
  return Buffer.concat([request.subarray(0, end), Buffer.from(changed)]);
}

describe('an envelope', () => {
  it('is refused when truncated, at every length', () => {
    for (const request of requests) {
      expect(outcome(request)).toBe('opened');
      for (let length = 0; length < request.length; length++) {
        expect(outcome(request.subarray(0, length))).toMatch(/^Invalid onion request: /);
      }
    }
  });

  it('is refused when its length lies', () => {
    for (const request of requests) {
      const size = request.readUInt32LE(0);
      for (const lie of [
        0,
        1,
        11,
        12,
        27,
        28,
        39,
        40,
        size - 1,
        size + 1,
        request.length - 4,
        2 ** 31,
        2 ** 32 - 1,
      ]) {
        const lying = Buffer.from(request);
        lying.writeUInt32LE(lie);
        expect(outcome(lying)).toMatch(/^Invalid onion request: /);
      }
    }
  });

  it('is refused when any bit of the ciphertext is changed', () => {
    for (const request of requests) {
      for (let at = 4; at < 4 + request.readUInt32LE(0); at++) {
        const damaged = Buffer.from(request);
        damaged[at]! ^= 1 << (at & 7);
        expect(outcome(damaged)).toBe('Invalid onion request: decryption failed');
      }
    }
  });

  it('is refused when its ciphertext is too short for nonce and tag', () => {
    const key = crypto.x25519PublicKey(Buffer.alloc(32, 7)).toString('hex');
    for (const encType of ['aes-gcm', 'xchacha20']) {
      for (let length = 0; length <= 40; length++) {
        const bytes = envelope(Buffer.alloc(length), { ephemeral_key: key, enc_type: encType });
        expect(outcome(bytes)).toBe('Invalid onion request: decryption failed');
      }
    }
  });

  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'EDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F',
    '0000000000000000000000000000000000000000000000000000000000000080',
  ])('is refused with the low-order key %s', (key) => {
    for (const request of requests) {
      const text = 'Invalid onion request: ephemeral_key is of low order';
      expect(outcome(withControl(request, { ephemeral_key: key }))).toBe(text);
    }
  });

  it.each([
    undefined,
    null,
    1,
    '',
    'ab',
    'ab'.repeat(31),
    'ab'.repeat(33),
    'zz'.repeat(32),
    ['ab'.repeat(32)],
  ])('is refused with the ephemeral_key %j', (key) => {
    const text = 'Invalid onion request: ephemeral_key must be 64 hex digits';
    expect(outcome(withControl(requests[0]!, { ephemeral_key: key }))).toBe(text);
  });

  it.each([
    null,
    0,
    '',
    'none',
    'AES-GCM',
    'aes-cbc',
    'xchacha20-poly1305 ',
    ['aes-gcm'],
    'constructor',
    '__proto__',
  ])('is refused with the enc_type %j', (encType) => {
    const text = 'Invalid onion request: unknown enc_type';
    expect(outcome(withControl(requests[0]!, { enc_type: encType }))).toBe(text);
  });

  it('is refused with a scheme that it was not sealed in', () => {
    expect(outcome(withControl(requests[0]!, { enc_type: 'xchacha20' }))).toBe(
      'Invalid onion request: decryption failed',
    );
    expect(outcome(withControl(requests[1]!, { enc_type: 'aes-gcm' }))).toBe(
      'Invalid onion request: decryption failed',
    );
  });

  it.each(['', ' ', '{', '[]', 'null', '"text"', '{}{}', '{"ephemeral_key":', '\u0000', '['.repeat(2000)])(
    'is refused with the control part %j',
    (control) => {
      expect(outcome(withControl(requests[0]!, control))).toMatch(/^Invalid onion request: /);
    },
  );

  it('may carry other members, up to a length', () => {
    const padTo = (length: number): Buffer => {
      const bare = withControl(requests[0]!, { host: '' });
      const control = bare.length - 4 - bare.readUInt32LE(0);
      return withControl(requests[0]!, { host: 'x'.repeat(length - control) });
    };
    expect(outcome(padTo(ONION_CONTROL_BYTES_MAX))).toBe('opened');
    expect(outcome(padTo(ONION_CONTROL_BYTES_MAX + 1))).toBe(
      'Invalid onion request: the JSON part is too long',
    );
  });

  it('throws nothing but the protocol’s 400, whatever the bytes', () => {
    const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(anyBytes, fc.constantFrom(...VERSIONS), (bytes, version) => void outcome(bytes, version)),
    );
    const control = fc.dictionary(
      fc.constantFrom('ephemeral_key', 'enc_type', 'host'),
      fc.oneof(fc.jsonValue(), fc.constantFrom('ab'.repeat(32), 'aes-gcm', 'xchacha20')),
    );
    fc.assert(
      fc.property(anyBytes, control, fc.constantFrom(...VERSIONS), (ciphertext, json, version) => {
        void outcome(envelope(ciphertext, json), version);
      }),
    );
  });

  it('opens as v3 or v4 whatever is inside, to a request or a refusal, and throws nothing', () => {
    const json = fc.record(
      {
        endpoint: fc.oneof(fc.string(), fc.webPath(), fc.jsonValue()),
        method: fc.oneof(fc.constantFrom('GET', 'POST'), fc.jsonValue()),
        headers: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
        body: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const A = crypto.x25519PublicKey(Buffer.alloc(32, 7));
    const shared = crypto.x25519(Buffer.alloc(32, 7), serverKeys.publicKey)!;
    const aead = crypto.aesGcm(crypto.hmacSha256(Buffer.from('LOKI'), shared));
    const plaintexts = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      json.map((value) => Buffer.from(JSON.stringify(value))),
      json.map((value) => {
        const metadata = Buffer.from(JSON.stringify(value));
        return Buffer.from(`l${metadata.length}:${metadata.toString()}e`);
      }),
    );
    fc.assert(
      fc.property(plaintexts, fc.constantFrom(...VERSIONS), (plaintext, version) => {
        const bytes = envelope(aead.seal(plaintext), { ephemeral_key: A.toString('hex') });
        expect(outcome(bytes, version)).toBe('opened');
      }),
      { numRuns: 500 },
    );
  });
});
