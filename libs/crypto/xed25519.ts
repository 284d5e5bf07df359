import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';

const { Fp } = ed25519.Point;

/**
 * The XEd25519 convention for reading an X25519 key as an Ed25519 point (Signal, "The XEdDSA and VXEdDSA
 * Signature Schemes", §2.3): y = (u-1)/(u+1) mod p, sign bit 0. libsodium has no such function, so both back
 * ends share this one; the field arithmetic is noble's.
 *
 * Takes and gives 32 bytes little-endian. Undefined when u is not below p or has its top bit set: X25519 itself
 * would overlook that, but no account has such a key, and a second spelling of the same point must not lead to a
 * second user. Whether a point with this y exists is not checked here.
 */
export function montgomeryToEdwards(publicKey: Buffer): Buffer | undefined {
  const u = bytesToNumberLE(publicKey);
  if (!Fp.isValid(u)) return undefined;
  const denominator = Fp.add(u, Fp.ONE);
  if (Fp.is0(denominator)) return undefined; // u = -1: no point of the curve has it
  const y = Fp.mul(Fp.sub(u, Fp.ONE), Fp.inv(denominator));
  // y < p < 2^255, so the sign bit (the top bit of the last byte) is already 0.
  return Buffer.from(Fp.toBytes(y));
}
