import { halfSipHash13 } from './half-sip-hash.js';

/** Secret of the process: who knew it could choose nonces that all want the same slot. */
export interface HashKey {
  readonly key0: number;
  readonly key1: number;
}

/** A nonce as four 32-bit words, with their hash under the table's key. */
export interface HashedNonce {
  readonly words: Uint32Array;
  /** 32 bits, unsigned. */
  readonly hash: number;
}

export const NONCE_WORDS = 4;
const LOAD_MAX = 0.75;
const GROWTH = 1.5;
const CAPACITY_MIN = 8;
/** The top bits of a hash choose the shard ({@link NonceSet}), the lower ones the slot. */
export const SLOT_HASH_BITS = 26;
const SLOT_HASHES = 2 ** SLOT_HASH_BITS;

/**
 * Open addressing with linear probing over one typed array, 16 bytes a slot; whole nonces are compared, so there
 * is no false "seen". Takes 21.3 bytes per nonce just before growing and 32 just after.
 *
 * A slot of zeros is empty: the all-zero nonce cannot be kept here ({@link NonceSet} keeps it apart).
 */
export class NonceTable {
  private slots: Uint32Array;
  private capacity: number;
  private count = 0;

  /** `expected`: how many nonces are about to come, 0 if unknown. */
  constructor(
    private readonly key: HashKey,
    expected: number,
  ) {
    this.capacity = Math.max(CAPACITY_MIN, Math.ceil(expected / LOAD_MAX));
    this.slots = new Uint32Array(this.capacity * NONCE_WORDS);
  }

  get memoryBytes(): number {
    return this.slots.byteLength;
  }

  has({ words, hash }: HashedNonce): boolean {
    return !this.isEmpty(this.slotOf(words, hash));
  }

  /** False if it was here. */
  add({ words, hash }: HashedNonce): boolean {
    let at = this.slotOf(words, hash);
    if (!this.isEmpty(at)) return false;
    if (this.count + 1 > this.capacity * LOAD_MAX) {
      this.grow();
      at = this.slotOf(words, hash);
    }
    this.store(at, words);
    this.count++;
    return true;
  }

  /** Where the nonce is, or the empty slot where it belongs; there is one, since the table is never full. */
  private slotOf(words: Uint32Array, hash: number): number {
    const { slots } = this;
    const w0 = words[0];
    // Not Math.floor: under Jest a global costs as much as the whole look-up.
    let at = ((((hash % SLOT_HASHES) * this.capacity) / SLOT_HASHES) >>> 0) * NONCE_WORDS;
    for (;;) {
      if (slots[at] === w0 && this.holds(at, words)) return at;
      if (slots[at] === 0 && this.isEmpty(at)) return at;
      at += NONCE_WORDS;
      if (at === slots.length) at = 0;
    }
  }

  private holds(at: number, words: Uint32Array): boolean {
    const { slots } = this;
    return slots[at + 1] === words[1] && slots[at + 2] === words[2] && slots[at + 3] === words[3];
  }

  private isEmpty(at: number): boolean {
    const { slots } = this;
    return (slots[at]! | slots[at + 1]! | slots[at + 2]! | slots[at + 3]!) === 0;
  }

  private store(at: number, words: Uint32Array): void {
    for (let word = 0; word < NONCE_WORDS; word++) this.slots[at + word] = words[word]!;
  }

  private grow(): void {
    const old = this.slots;
    this.capacity = Math.floor(this.capacity * GROWTH);
    this.slots = new Uint32Array(this.capacity * NONCE_WORDS);
    const words = new Uint32Array(NONCE_WORDS);
    for (let at = 0; at < old.length; at += NONCE_WORDS) {
      for (let word = 0; word < NONCE_WORDS; word++) words[word] = old[at + word]!;
      if ((words[0]! | words[1]! | words[2]! | words[3]!) === 0) continue;
      this.store(this.slotOf(words, halfSipHash13(this.key.key0, this.key.key1, words)), words);
    }
  }
}
