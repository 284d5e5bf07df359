import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import sodium from 'libsodium-wrappers-sumo';

/** Ed25519 keys and signatures on which libraries disagree, made for any message; and what each of the libraries says. */

export interface EdgeCase {
  name: string;
  publicKey: Buffer;
  signature: Buffer;
}

const { Point } = ed25519;
const L = Point.Fn.ORDER;
type EdwardsPoint = InstanceType<typeof Point>;

/** Every encoding of the eight points of small order that some library reads: canonical ones, then others. */
const SMALL_ORDER: Readonly<Record<string, string>> = {
  id: `01${'00'.repeat(31)}`,
  T2: `ec${'ff'.repeat(30)}7f`,
  T4: '00'.repeat(32),
  '-T4': `${'00'.repeat(31)}80`,
  T8: '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '-T8': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  '3T8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '-3T8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'id with sign (nc)': `01${'00'.repeat(30)}80`,
  'id as p+1 (nc)': `ee${'ff'.repeat(30)}7f`,
  'id as p+1 with sign (nc)': `ee${'ff'.repeat(30)}ff`,
  'T2 with sign (nc)': `ec${'ff'.repeat(30)}ff`,
  'T4 as p (nc)': `ed${'ff'.repeat(30)}7f`,
  '-T4 as p (nc)': `ed${'ff'.repeat(30)}ff`,
};
const TORSION = ['T2', 'T4', 'T8', '3T8'] as const;

const hexBytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const scalarBytes = (scalar: bigint): Buffer => Buffer.from(numberToBytesLE(scalar, 32));
const pointOf = (name: string): EdwardsPoint => Point.fromBytes(hexBytes(SMALL_ORDER[name]!), true);
const hashOf = (...parts: Buffer[]): bigint => bytesToNumberLE(sha512(Buffer.concat(parts)));

/** Makes them for one key and one message; the same inputs give the same cases. */
class CaseMaker {
  readonly cases: EdgeCase[] = [];
  private readonly a: bigint;
  private readonly A: Buffer;

  constructor(
    private readonly seed: Buffer,
    private readonly message: Buffer,
  ) {
    this.a = ed25519.utils.getExtendedPublicKey(seed).scalar;
    this.A = Buffer.from(ed25519.getPublicKey(seed));
  }

  add(name: string, publicKey: Buffer, R: Buffer, S: bigint): void {
    this.cases.push({ name, publicKey, signature: Buffer.concat([R, scalarBytes(S)]) });
  }

  /** S as another number with the same remainder, and with bits that have no business there. */
  scalars(): void {
    const signature = Buffer.from(ed25519.sign(this.message, this.seed));
    const [R, S] = [signature.subarray(0, 32), bytesToNumberLE(signature.subarray(32))];
    for (let times = 0n; S + times * L < 1n << 256n; times++)
      this.add(`S+${times}L`, this.A, R, S + times * L);
    for (const bit of [253n, 254n, 255n]) this.add(`S with bit ${bit}`, this.A, R, S | (1n << bit));
    for (const [name, value] of Object.entries({ '0': 0n, 'L-1': L - 1n, L }))
      this.add(`S=${name}`, this.A, R, value);
  }

  /** Whoever may use such a key signs anything: A of small order, or A and R. */
  smallKeys(): void {
    for (const [name, hex] of Object.entries(SMALL_ORDER)) {
      const A = hexBytes(hex);
      for (const k of [0n, 1n]) {
        const { r, R } = this.draw(A, (found) => found % 8n === k);
        this.add(`A=${name}, R=rB, S=r, k=${k} mod 8`, A, R, r);
      }
      for (const [other, rHex] of Object.entries(SMALL_ORDER))
        this.add(`A=${name}, R=${other}, S=0`, A, hexBytes(rHex), 0n);
    }
  }

  smallR(): void {
    for (const [name, hex] of Object.entries(SMALL_ORDER)) {
      const R = hexBytes(hex);
      this.add(`R=${name}, S=ka`, this.A, R, Point.Fn.create(hashOf(R, this.A, this.message) * this.a));
    }
  }

  /** A and R with a part of small order: here the verdicts with and without cofactor differ. */
  mixed(): void {
    for (const name of TORSION) {
      const T = pointOf(name);
      const A = Buffer.from(Point.BASE.multiply(this.a).add(T).toBytes());
      for (let k = 0n; k < 8n; k++) {
        const { r, R, h } = this.draw(A, (found) => found % 8n === k);
        this.add(`A=aB+${name}, k=${k} mod 8`, A, R, Point.Fn.create(r + h * this.a));
      }
      const plain = this.draw(this.A, () => true, T);
      this.add(`R=rB+${name}`, this.A, plain.R, Point.Fn.create(plain.r + plain.h * this.a));
      const cancelled = this.draw(A, (found) => found % 8n === 1n, T.negate());
      this.add(
        `A=aB+${name}, R=rB-${name}, k=1 mod 8`,
        A,
        cancelled.R,
        Point.Fn.create(cancelled.r + cancelled.h * this.a),
      );
    }
  }

  /** A nonce whose R (rB, and a point beside it) gives the hash that is wanted. */
  private draw(A: Buffer, isWanted: (h: bigint) => boolean, beside: EdwardsPoint = Point.ZERO) {
    for (let count = 1n; ; count++) {
      const r = Point.Fn.create(hashOf(this.seed, A, this.message, scalarBytes(count)));
      const R = Buffer.from(Point.BASE.multiply(r).add(beside).toBytes());
      // Reduced, as all of them multiply with it: of a point of small order that is another multiple.
      const h = Point.Fn.create(hashOf(R, A, this.message));
      if (isWanted(h)) return { r, R, h };
    }
  }
}

export function edgeCases(seed: Buffer, message: Buffer): EdgeCase[] {
  const maker = new CaseMaker(seed, message);
  maker.scalars();
  maker.smallKeys();
  maker.smallR();
  maker.mixed();
  return maker.cases;
}

/** What each says of a case; `point` and `sodium` together are the verdict that counts. */
export interface Verdicts {
  point: boolean;
  sodium: boolean;
  openssl: boolean;
  noble: boolean;
  nobleStrict: boolean;
}

/** A key of 32 bytes as OpenSSL takes it. */
const SPKI_PREFIX = hexBytes('302a300506032b6570032100');

/** Await `sodium.ready` before. */
export function verdictsOn({ publicKey, signature }: EdgeCase, message: Buffer): Verdicts {
  const saysYes = (question: () => boolean): boolean => {
    try {
      return question();
    } catch {
      return false;
    }
  };
  return {
    point: sodium.crypto_core_ed25519_is_valid_point(publicKey),
    sodium: sodium.crypto_sign_verify_detached(signature, message, publicKey),
    openssl: saysYes(() => {
      const key = createPublicKey({
        key: Buffer.concat([SPKI_PREFIX, publicKey]),
        format: 'der',
        type: 'spki',
      });
      return verify(null, message, key, signature);
    }),
    noble: saysYes(() => ed25519.verify(signature, message, publicKey)),
    nobleStrict: saysYes(() => ed25519.verify(signature, message, publicKey, { zip215: false })),
  };
}
