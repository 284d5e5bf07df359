import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { x25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers-sumo';
import { edgeCases, verdictsOn, type EdgeCase } from '../../test/support/ed25519-cases.js';
import { hexBytes } from '../../test/support/vectors.js';
import { selectCryptoBackend } from './select-backend.js';

/**
 * Where libraries disagree on Ed25519 and X25519, both back ends decide as libsodium does (protocol.md §2, checks 5 and
 * 13). What libsodium, OpenSSL and noble say is asked here each time, and recorded in test/vectors-own.
 */

beforeAll(() => sodium.ready);

const BACKENDS = (['sodium', 'noble'] as const).map(selectCryptoBackend);

interface RecordedCase {
  name: string;
  public_key: string;
  signature: string;
  point_valid: boolean;
  verifies: boolean;
  openssl_3_0: boolean;
  openssl_3_5: boolean;
  noble_zip215: boolean;
  noble_strict: boolean;
}
const recorded = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'test', 'vectors-own', 'ed25519-generated.json'), 'utf8'),
) as { seed: string; message: string; cases: RecordedCase[] };
const [seed, message] = [hexBytes(recorded.seed), hexBytes(recorded.message)];

const ours = (crypto: (typeof BACKENDS)[number], { publicKey, signature }: EdgeCase, signed: Buffer) => [
  crypto.isValidEd25519Point(publicKey),
  crypto.verifyEd25519(signature, signed, publicKey),
];

describe('an edge case of Ed25519', () => {
  it('is what is recorded, and is judged by each library as recorded', () => {
    const version = /^3\.(?:0|5)\./.exec(process.versions.openssl)?.[0].replaceAll('.', '_').slice(0, 3);
    const found = edgeCases(seed, message).map((one, at): RecordedCase => {
      const { point, sodium: verifies, openssl, noble, nobleStrict } = verdictsOn(one, message);
      const { openssl_3_0 = false, openssl_3_5 = false } = recorded.cases[at] ?? {};
      return {
        name: one.name,
        public_key: one.publicKey.toString('hex'),
        signature: one.signature.toString('hex'),
        point_valid: point,
        verifies,
        // Others than these two are not recorded.
        openssl_3_0: version === '3_0' ? openssl : openssl_3_0,
        openssl_3_5: version === '3_5' ? openssl : openssl_3_5,
        noble_zip215: noble,
        noble_strict: nobleStrict,
      };
    });
    expect(found).toEqual(recorded.cases);
  });

  it.each(recorded.cases)('is judged as by libsodium: $name', ({ public_key, signature, ...verdict }) => {
    const one = { name: '', publicKey: hexBytes(public_key), signature: hexBytes(signature) };
    for (const crypto of BACKENDS)
      expect(ours(crypto, one, message)).toEqual([verdict.point_valid, verdict.verifies]);
  });

  it('is judged so whatever the key and the message', () => {
    const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(Buffer.from);
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 40 }).map(Buffer.from), (key, signed) => {
        for (const one of edgeCases(key, signed)) {
          const { point, sodium: verifies } = verdictsOn(one, signed);
          for (const crypto of BACKENDS)
            expect([one.name, ...ours(crypto, one, signed)]).toEqual([one.name, point, verifies]);
        }
      }),
      { numRuns: 2 },
    );
  });

  it('would be believed by others, which is why both checks are ours', () => {
    const refused = recorded.cases.filter((one) => !one.point_valid || !one.verifies);
    const believed = (by: keyof RecordedCase): number => refused.filter((one) => one[by]).length;
    expect({
      refused: refused.length,
      withoutPointCheck: believed('verifies'),
      openssl_3_0: believed('openssl_3_0'),
      openssl_3_5: believed('openssl_3_5'),
      noble_zip215: believed('noble_zip215'),
      noble_strict: believed('noble_strict'),
    }).toEqual({
      refused: 299,
      withoutPointCheck: 12,
      openssl_3_0: 47,
      openssl_3_5: 12,
      noble_zip215: 278,
      noble_strict: 48,
    });
    const accepted = recorded.cases.filter((one) => one.point_valid && one.verifies);
    expect(accepted.map((one) => one.name)).toEqual(['S+0L']);
    for (const one of accepted)
      expect([one.openssl_3_0, one.openssl_3_5, one.noble_zip215, one.noble_strict]).not.toContain(false);
  });
});

describe('an X25519 key of low order', () => {
  const P = 2n ** 255n - 19n;
  /** The seven u of low order below 2p, and the same with the bit that nobody reads. */
  const LOW = [
    0n,
    1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
    P - 1n,
    P,
    P + 1n,
  ].flatMap((u) => [u, u + 2n ** 255n]);
  const bytesOf = (u: bigint): Buffer => Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse();
  const privateKey = Buffer.alloc(32, 9);

  const openSsl = (publicKey: Buffer): Buffer | undefined => {
    try {
      const [pkcs8, spki] = [
        hexBytes('302e020100300506032b656e04220420'),
        hexBytes('302a300506032b656e032100'),
      ];
      return diffieHellman({
        privateKey: createPrivateKey({
          key: Buffer.concat([pkcs8, privateKey]),
          format: 'der',
          type: 'pkcs8',
        }),
        publicKey: createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' }),
      });
    } catch {
      return undefined;
    }
  };
  const sharedBy = (share: () => Uint8Array): Buffer | undefined => {
    try {
      return Buffer.from(share());
    } catch {
      return undefined;
    }
  };
  const everybodySays = (publicKey: Buffer) => [
    sharedBy(() => sodium.crypto_scalarmult(privateKey, publicKey)),
    openSsl(publicKey),
    sharedBy(() => x25519.getSharedSecret(privateKey, publicKey)),
    ...BACKENDS.map((crypto) => crypto.x25519(privateKey, publicKey)),
  ];

  it.each(LOW.map((u) => bytesOf(u).toString('hex')))('%s makes no secret, in any library', (key) =>
    expect(everybodySays(hexBytes(key))).toEqual(Array(5).fill(undefined)),
  );

  it('has neighbours that do, the same in every library, canonical or not', () => {
    const others = Array.from({ length: 17 }, (_, n) => bytesOf(P + 2n + BigInt(n)));
    for (const key of [bytesOf(9n), bytesOf(P - 2n), ...others]) {
      const [first, ...rest] = everybodySays(key);
      expect(first).toHaveLength(32);
      for (const one of rest) expect(one).toEqual(first);
    }
  });
});
