import { scrypt } from 'node:crypto';
import { KEY_BYTES } from './crypto-backend.js';

/** What scrypt costs (RFC 7914): 128 MiB and some 0.3 s, for whoever guesses too. */
export interface PassphraseCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export const PASSPHRASE_COST: PassphraseCost = { N: 2 ** 17, r: 8, p: 1 };
/** What a stranger's file may demand of us: four times as much. */
const WORK_MAX = 4 * PASSPHRASE_COST.N * PASSPHRASE_COST.r;

/** A key of 32 bytes from a passphrase (any text, as UTF-8). Rejects with RangeError for a cost beyond our bounds. */
export async function passphraseKey(passphrase: string, salt: Buffer, cost: PassphraseCost): Promise<Buffer> {
  const { N, r, p } = cost;
  if (N < 2 || r < 1 || p < 1 || N * r * p > WORK_MAX)
    throw new RangeError('the cost of the key is beyond all bounds');
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 128 * N * r * p + 32 * 1024 * 1024 };
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
