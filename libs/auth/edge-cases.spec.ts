import sodium from 'libsodium-wrappers-sumo';
import { edgeCases, verdictsOn } from '../../test/support/ed25519-cases.js';
import { MemoryNonces, MemoryUsers } from '../../test/support/memory-auth-ports.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import { EMPTY_BODY, parseTarget, type WireRequest } from '../protocol/wire.js';
import { Authenticator } from './authenticator.js';
import { signedBytes } from './signed-bytes.js';

/** The edge cases of Ed25519 as whole requests: keys and signatures that some library believes, in X-SOGS headers. */

beforeAll(() => sodium.ready);

const NOW = 1_700_000_000;
const NONCE = Buffer.alloc(16, 5);

describe.each(['sodium', 'noble'] as const)('on the %s back end', (name) => {
  const crypto = selectCryptoBackend(name);
  const serverPublicKey = crypto.x25519PublicKey(Buffer.alloc(32, 1));
  const target = {
    method: 'POST',
    ...parseTarget('/room/fish/reaction/7/%F0%9F%8D%8D?x=1'),
    body: EMPTY_BODY,
  };
  const message = signedBytes(crypto, {
    serverPublicKey,
    nonce: NONCE,
    timestamp: String(NOW),
    request: target,
  });

  function requestOf(pubkey: string, signature: Buffer): WireRequest {
    const headers = {
      'x-sogs-pubkey': pubkey,
      'x-sogs-nonce': NONCE.toString('base64'),
      'x-sogs-timestamp': String(NOW),
      'x-sogs-signature': signature.toString('base64'),
    };
    return { ...target, headers };
  }

  /** `in`, or the status of the refusal; and what was written for it. */
  async function outcome(request: WireRequest, blindingRequired: boolean) {
    const [users, nonces] = [new MemoryUsers(), new MemoryNonces()];
    const authenticator = new Authenticator({
      crypto,
      serverPublicKey,
      blindingRequired,
      timestampSkewSecondsMax: 86_400,
      users,
      nonces,
      clock: { nowSeconds: () => NOW },
    });
    const answer = await authenticator.authenticate(request).then(
      () => 'in',
      (error: { status: number; text: string }) => `${error.status} ${error.text}`,
    );
    return { answer, written: users.rows.size + nonces.seen.size };
  }

  const REFUSALS = {
    key: '400 Invalid authentication: given X-SOGS-Pubkey is not a valid Ed25519 pubkey',
    signature: '401 Invalid authentication: X-SOGS-Signature verification failed',
  };

  it.each([
    ['15', true],
    ['15', false],
    ['00', false],
  ])(
    'a request under a %s key, blinding required: %s, is let in as libsodium says',
    async (prefix, required) => {
      const counts = { key: 0, signature: 0, in: 0 };
      for (const one of edgeCases(Buffer.alloc(32, 3), message)) {
        const { point, sodium: verifies } = verdictsOn(one, message);
        const verdict = !point ? 'key' : verifies ? 'in' : 'signature';
        const request = requestOf(prefix + one.publicKey.toString('hex'), one.signature);
        const { answer, written } = await outcome(request, required);
        expect([one.name, answer]).toEqual([one.name, verdict === 'in' ? 'in' : REFUSALS[verdict]]);
        if (verdict !== 'in') expect([one.name, written]).toEqual([one.name, 0]);
        counts[verdict]++;
      }
      expect(counts.in).toBe(1);
      expect(counts.key).toBeGreaterThan(200);
      expect(counts.signature).toBeGreaterThan(20);
    },
  );
});
