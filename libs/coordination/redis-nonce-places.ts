import { NONCE_BYTES } from './nonce-store.js';

/**
 * Redis packs a small hash (up to 512 fields by default) into one piece of memory, so nonces are spread over many, by
 * their first two bytes. From a million to 33 million they take up to 30 bytes each; beyond that Redis unpacks them, to
 * some 70.
 */
const SHARD_BYTES = 2;
export const SHARDS = 2 ** (8 * SHARD_BYTES);
export const BYTES_OF_NONCE = 32;

/**
 * A field is what of the nonce its shard does not say already; its value the hour of the signed timestamp, of which
 * Redis keeps so small a number in two bytes. What is in Redis is never half as far from now.
 */
export const HOURS_TOLD_APART = 4096;
export const HOUR = 3600;
const DAY = 86_400;
/** The clocks of the servers may differ by this much. */
export const CLOCKS_APART_SECONDS = 300;

/** Where a nonce belongs. */
export interface NoncePlace {
  readonly shard: number;
  readonly field: Buffer;
}

/** Copies the nonce. Throws RangeError for one that has not 16 bytes. */
export function placeOf(nonce: Buffer): NoncePlace {
  if (nonce.length !== NONCE_BYTES)
    throw new RangeError(`A nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
  return {
    shard: nonce.readUIntBE(0, SHARD_BYTES),
    field: Buffer.from(nonce.subarray(SHARD_BYTES)),
  };
}

/** The keys of the nonces of a community. */
export class NonceKeys {
  private readonly prefix: string;
  /** The first hour of which a nonce is taken, where some were dropped early. */
  readonly floor: string;
  /** How many nonces there were in each portion of the shards when it was swept last. */
  readonly counts: string;
  /** There while it is nobody's turn to sweep. */
  readonly rest: string;
  /** How many turns there were, of all servers together. */
  readonly turns: string;

  constructor(keyPrefix: string) {
    this.prefix = `${keyPrefix}nonces:`;
    this.floor = `${this.prefix}floor`;
    this.counts = `${this.prefix}counts`;
    this.rest = `${this.prefix}rest`;
    this.turns = `${this.prefix}turns`;
  }

  shard(shard: number): string {
    return this.prefix + shard.toString(36);
  }
}

/**
 * After so long everything of a community goes that has no server any more. Whatever is written may be needed for twice
 * the skew, and its key is put off again by each sweep, long before this day is over.
 */
export const keptSeconds = (timestampSkewSeconds: number): number =>
  2 * (timestampSkewSeconds + CLOCKS_APART_SECONDS) + DAY;
