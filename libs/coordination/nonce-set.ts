import { NonceTable, SLOT_HASH_BITS, type HashedNonce, type HashKey } from './nonce-table.js';

/** Growing one table moves a 64th of the nonces, so that no request waits for all of them. */
const SHARD_BITS = 32 - SLOT_HASH_BITS;
const SHARDS = 2 ** SHARD_BITS;
/** Shards are not filled evenly; with this much room hardly one has to grow while a file is loaded. */
const EXPECTED_SLACK = 1.05;

/** Nonces in memory. */
export class NonceSet {
  private readonly shards: NonceTable[];
  private hasZero = false;
  private count = 0;

  constructor(key: HashKey, expected = 0) {
    this.shards = Array.from(
      { length: SHARDS },
      () => new NonceTable(key, (expected / SHARDS) * EXPECTED_SLACK),
    );
  }

  get size(): number {
    return this.count;
  }

  get memoryBytes(): number {
    return this.shards.reduce((sum, shard) => sum + shard.memoryBytes, 0);
  }

  has(nonce: HashedNonce): boolean {
    return isZero(nonce) ? this.hasZero : this.shardOf(nonce).has(nonce);
  }

  /** False if it was here. */
  add(nonce: HashedNonce): boolean {
    const isNew = isZero(nonce) ? !this.hasZero : this.shardOf(nonce).add(nonce);
    if (isZero(nonce)) this.hasZero = true;
    if (isNew) this.count++;
    return isNew;
  }

  private shardOf({ hash }: HashedNonce): NonceTable {
    return this.shards[hash >>> SLOT_HASH_BITS]!;
  }
}

const isZero = ({ words }: HashedNonce): boolean => (words[0]! | words[1]! | words[2]! | words[3]!) === 0;
