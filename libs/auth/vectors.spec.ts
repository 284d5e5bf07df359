import { MemoryNonces, MemoryUsers } from '../../test/support/memory-auth-ports.js';
import { hexBytes, readVectors } from '../../test/support/vectors.js';
import type { CryptoBackendName } from '../crypto/crypto-backend.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import type { BlindedId, UnblindedId } from '../protocol/ids.js';
import { parseTarget, type WireRequest } from '../protocol/wire.js';
import { Authenticator } from './authenticator.js';
import { absoluteOf, blindedPairOf, blindingFactor, unblindedIdOf } from './blinding.js';
import { signedBytes } from './signed-bytes.js';

const blinding = readVectors('blinding');
const edge = readVectors('ed25519-edge');
const signature = readVectors('signature');
const serverPublicKey = hexBytes(signature.server_public);

type SignatureVector = (typeof signature.cases)[number];

function requestOf(vector: SignatureVector, over: Partial<SignatureVector> = {}): WireRequest {
  const given = { ...vector, ...over };
  return {
    method: given.method,
    ...parseTarget(given.path),
    body: Buffer.from(given.body),
    headers: {
      'x-sogs-pubkey': given.pubkey,
      'x-sogs-nonce': given.nonce,
      'x-sogs-timestamp': given.timestamp,
      'x-sogs-signature': given.signature,
    },
  };
}

describe.each<CryptoBackendName>(['sodium', 'noble'])('on the %s back end', (name) => {
  const crypto = selectCryptoBackend(name);

  /** A fresh server at the time the vectors were signed. */
  const authenticator = (nowSeconds = 1_700_000_000): Authenticator =>
    new Authenticator({
      crypto,
      serverPublicKey,
      blindingRequired: false,
      timestampSkewSecondsMax: 86_400,
      users: new MemoryUsers(),
      nonces: new MemoryNonces(),
      clock: { nowSeconds: () => nowSeconds },
    });

  it.each(blinding.cases)('vector blinding: the pair of $session_id', (vector) => {
    const k = blindingFactor(crypto, hexBytes(vector.server_public));
    expect(k.toString('hex')).toBe(vector.k);
    const pair = blindedPairOf(crypto, k, vector.session_id as UnblindedId);
    expect(pair).toEqual({ absolute: vector.absolute_id, negative: vector.negative_id });
    expect([pair!.absolute, pair!.negative]).toContain(vector.blinded_id);
    expect(absoluteOf(vector.blinded_id as BlindedId)).toBe(vector.absolute_id);
    expect(absoluteOf(vector.negative_id as BlindedId)).toBe(vector.absolute_id);
    expect(unblindedIdOf(crypto, hexBytes(vector.ed25519_public))).toBe(vector.session_id);
  });

  it.each(signature.cases)('vector signature: $method $path is $session_id', async (vector) => {
    const request = requestOf(vector);
    const { nonce, timestamp } = vector;
    const message = signedBytes(crypto, { serverPublicKey, nonce: hexBytes(nonce), timestamp, request });
    expect(message.toString('hex')).toBe(vector.signed_bytes);
    await expect(authenticator().authenticate(request)).resolves.toMatchObject({
      user: { sessionId: vector.session_id },
      blinded: vector.pubkey.startsWith('15'),
    });
  });

  it.each(signature.cases)('vector signature: $method $path signs nothing else', async (vector) => {
    const changes: Partial<SignatureVector>[] = [
      { method: 'DELETE' },
      { path: `${vector.path}x` },
      { body: `${vector.body}x` },
      { timestamp: String(Number(vector.timestamp) + 1) },
      { nonce: '00'.repeat(16) },
    ];
    for (const change of changes) {
      await expect(authenticator().authenticate(requestOf(vector, change))).rejects.toMatchObject({
        status: 401,
      });
    }
  });

  it.each(signature.refuse)('vector signature, refused: $why', async ({ pubkey, signature: signed }) => {
    const request = requestOf(signature.cases[0]!, { pubkey, ...(signed && { signature: signed }) });
    await expect(authenticator().authenticate(request)).rejects.toMatchObject({ status: signed ? 401 : 400 });
  });

  it.each(edge.public_keys)('vector ed25519-edge: $name as X-SOGS-Pubkey', async (vector) => {
    for (const prefix of ['00', '15']) {
      const request = requestOf(signature.cases[0]!, { pubkey: prefix + vector.public_key });
      await expect(authenticator().authenticate(request)).rejects.toMatchObject({
        status: vector.point_valid ? 401 : 400,
      });
    }
  });
});
