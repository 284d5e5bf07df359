import { NONCE_BYTES } from './nonce-store.js';

/*
 * A nonce is a field of a hash, its shard: the field is what of the nonce the shard does not say already, the value the
 * hour of the signed timestamp. Redis packs a small hash into one piece of memory, so there are many: from a million
 * nonces on they take up to 31 bytes each.
 */
const SHARD_BYTES = 2;
export const SHARDS = 2 ** (8 * SHARD_BYTES);
export const BYTES_OF_NONCE = 32;
/** A larger hash (`hash-max-listpack-entries`), such as somebody gets who chooses nonces, takes some 70 bytes for each. */
export const PACKED_MAX = 512;
export const UNPACKED_WEIGHT = 2.25;
export const HOUR = 3600;
const WEEK = 7 * 86_400;
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

/** For so long a nonce may be needed once it is there. */
export const neededSeconds = (timestampSkewSeconds: number): number =>
  2 * (timestampSkewSeconds + CLOCKS_APART_SECONDS);

/**
 * After so long all of a community goes that has no server any more. A shard that would go earlier than what comes into
 * it may be needed is put off to this again: once a week.
 */
export const keptSeconds = (timestampSkewSeconds: number): number =>
  neededSeconds(timestampSkewSeconds) + WEEK;
