import { hexBytes, readVectors } from '../../test/support/vectors.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import { IdentityKeys } from './identity-keys.js';
import { readSogsHeaders } from './sogs-headers.js';

const vector = readVectors('blinding').cases[0]!;
const PUBKEY_00 = `00${vector.ed25519_public}`;
const keys = new IdentityKeys(selectCryptoBackend('sodium'), 100);

type Headers = Record<string, string | undefined>;

/** Four good headers, but for what is replaced; names without `X-SOGS-`. */
function read(over: Headers = {}, blindingRequired = true) {
  const good = {
    pubkey: vector.blinded_id,
    nonce: Buffer.alloc(16, 0xfb).toString('base64'),
    timestamp: '1700000000',
    signature: Buffer.alloc(64, 0xfb).toString('base64'),
  };
  const named = Object.entries({ ...good, ...over }).map(([name, value]) => [`x-sogs-${name}`, value]);
  return readSogsHeaders(Object.fromEntries(named) as Headers, { keys, blindingRequired });
}

function textOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({ name: 'WireError', status: 400 });
    return (error as { text: string }).text;
  }
  return 'accepted';
}

describe('check 1: no headers', () => {
  it('is an anonymous request when they are absent, and when they are empty', () => {
    expect(
      readSogsHeaders({ 'content-type': 'text/plain' }, { keys, blindingRequired: true }),
    ).toBeUndefined();
    expect(read({ pubkey: '', nonce: '', timestamp: '', signature: '' })).toBeUndefined();
  });
});

describe('check 2: some headers missing', () => {
  const NAMES = ['pubkey', 'nonce', 'timestamp', 'signature'];
  const someNotAll = Array.from({ length: 14 }, (_, at) =>
    NAMES.filter((_name, bit) => (at + 1) & (1 << bit)),
  );

  it.each(someNotAll.map((names) => [names.join(', '), names] as const))('without %s', (_what, names) => {
    const text = `Invalid authentication headers: missing ${names.length}/4 required X-SOGS-* headers`;
    for (const gone of [undefined, '']) {
      expect(textOf(() => read(Object.fromEntries(names.map((name) => [name, gone]))))).toBe(text);
    }
  });
});

const INVALID = 'Invalid authentication:';
const PUBKEY = `${INVALID} X-SOGS-Pubkey is not a valid 66-hex digit id`;
const PREFIX = `${INVALID} X-SOGS-Pubkey must be 00- or 15- prefixed`;
const POINT = `${INVALID} given X-SOGS-Pubkey is not a valid Ed25519 pubkey`;
const BLINDED = `${INVALID} this server requires the use of blinded ids`;
const NONCE = `${INVALID} X-SOGS-Nonce must be 16 bytes (encoded as base64 or hex)`;
const SIGNATURE = `${INVALID} X-SOGS-Signature is not base64[88]`;
const TIMESTAMP = `${INVALID} X-SOGS-Timestamp is not a valid timestamp`;

describe('checks 3 to 9: a header that is wrong', () => {
  it.each([
    [3, 'pubkey', 'no hex', `15${'zz'.repeat(32)}`, PUBKEY],
    [3, 'pubkey', 'hex too short', `15${'ab'.repeat(31)}`, PUBKEY],
    [3, 'pubkey', 'hex too long', `15${'ab'.repeat(33)}`, PUBKEY],
    [3, 'pubkey', 'base64 of 32 bytes', Buffer.alloc(32).toString('base64'), PUBKEY],
    [3, 'pubkey', 'white space before', ` 15${'ab'.repeat(32)}`, PUBKEY],
    [4, 'pubkey', 'prefix 05', `05${'ab'.repeat(32)}`, PREFIX],
    [4, 'pubkey', 'prefix 25', `25${'ab'.repeat(32)}`, PREFIX],
    [4, 'pubkey', 'prefix ff', `ff${'ab'.repeat(32)}`, PREFIX],
    [5, 'pubkey', 'not on the curve', `1502${'00'.repeat(31)}`, POINT],
    [5, 'pubkey', 'the identity', `1501${'00'.repeat(31)}`, POINT],
    [5, 'pubkey', 'not canonical', `15ee${'ff'.repeat(30)}7f`, POINT],
    [5, 'pubkey', 'unblinded and not on the curve', `0002${'00'.repeat(31)}`, POINT],
    [6, 'pubkey', 'unblinded', PUBKEY_00, BLINDED],
    [7, 'nonce', '15 bytes', Buffer.alloc(15).toString('base64'), NONCE],
    [7, 'nonce', '17 bytes of hex', Buffer.alloc(17).toString('hex'), NONCE],
    [7, 'nonce', 'wrong padding', `${'A'.repeat(22)}=`, NONCE],
    [7, 'nonce', 'the URL alphabet', `${'-_'.repeat(11)}==`, NONCE],
    [7, 'nonce', 'a letter that is no hex', `${'ab'.repeat(15)}zz`, NONCE],
    [8, 'signature', '63 bytes', Buffer.alloc(63).toString('base64'), SIGNATURE],
    [8, 'signature', '65 bytes', Buffer.alloc(65).toString('base64'), SIGNATURE],
    [8, 'signature', 'too much padding', `${Buffer.alloc(64).toString('base64')}=`, SIGNATURE],
    [8, 'signature', 'no base64', '*'.repeat(88), SIGNATURE],
    [9, 'timestamp', 'a fraction', '1700000000.5', TIMESTAMP],
    [9, 'timestamp', 'an exponent', '17e8', TIMESTAMP],
    [9, 'timestamp', 'hex', '0x6553f100', TIMESTAMP],
    [9, 'timestamp', 'a word', 'now', TIMESTAMP],
    [9, 'timestamp', 'white space before', ' 1700000000', TIMESTAMP],
    [9, 'timestamp', 'a line break after', '1700000000\n', TIMESTAMP],
    [9, 'timestamp', 'a sign alone', '-', TIMESTAMP],
    [9, 'timestamp', 'a plus sign', '+1700000000', TIMESTAMP],
    [9, 'timestamp', 'other digits than ASCII', '١٧٠٠٠٠٠٠٠٠', TIMESTAMP],
  ])('check %d, %s: %s', (_check, header, _what, value, text) => {
    expect(textOf(() => read({ [header]: value }))).toBe(text);
  });

  it('are made in this order', () => {
    // Everything wrong at first, then put right one after the other.
    const steps: [Headers, string][] = [
      [{ pubkey: 'x', nonce: 'x', signature: 'x', timestamp: 'x' }, PUBKEY],
      [{ pubkey: `25${'00'.repeat(32)}` }, PREFIX],
      [{ pubkey: `00${'00'.repeat(32)}` }, POINT],
      [{ pubkey: PUBKEY_00 }, BLINDED],
      [{ pubkey: vector.blinded_id }, NONCE],
      [{ nonce: '00'.repeat(16) }, SIGNATURE],
      [{ signature: '00'.repeat(64) }, TIMESTAMP],
      [{ timestamp: '0' }, 'accepted'],
    ];
    let headers: Headers = {};
    for (const [better, text] of steps) {
      headers = { ...headers, ...better };
      expect(textOf(() => read(headers))).toBe(text);
    }
  });
});

describe('good headers', () => {
  it('are decoded', () => {
    expect(read()).toEqual({
      sessionId: vector.blinded_id,
      blinded: true,
      publicKey: hexBytes(vector.blinded_id.slice(2)),
      nonce: Buffer.alloc(16, 0xfb),
      signature: Buffer.alloc(64, 0xfb),
      timestamp: '1700000000',
      timestampSeconds: 1_700_000_000,
    });
  });

  it.each([
    ['the key in capitals', { pubkey: vector.blinded_id.toUpperCase() }],
    ['the key as base64', { pubkey: hexBytes(vector.blinded_id).toString('base64') }],
    ['the nonce as hex', { nonce: 'fb'.repeat(16) }],
    ['the nonce as hex in capitals', { nonce: 'FB'.repeat(16) }],
    ['the nonce unpadded', { nonce: Buffer.alloc(16, 0xfb).toString('base64').slice(0, 22) }],
    ['the signature as hex', { signature: 'fb'.repeat(64) }],
    ['the signature unpadded', { signature: Buffer.alloc(64, 0xfb).toString('base64').slice(0, 86) }],
  ])('mean the same with %s', (_what, over) => {
    expect(read(over)).toEqual(read());
  });

  it('keep the timestamp as it was written, for that is what is signed', () => {
    expect(read({ timestamp: '0001700000000' })).toMatchObject({
      timestamp: '0001700000000',
      timestampSeconds: 1_700_000_000,
    });
  });

  it('with a 00 key are from the 05 id, where blinding is not required', () => {
    expect(read({ pubkey: PUBKEY_00 }, false)).toMatchObject({
      sessionId: vector.session_id,
      blinded: false,
      publicKey: hexBytes(vector.ed25519_public),
    });
  });
});
