import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LocalNonceStore } from './local-nonce-store.js';
import { NonceSet } from './nonce-set.js';
import { NOW } from './nonce-store.contract.js';

const COUNT = 1_000_000;
const SKEW = 86_400;
const random = randomBytes(COUNT * 16);
const nonceAt = (at: number): Buffer => random.subarray(at * 16, at * 16 + 16);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plaza-nonces-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (): Promise<LocalNonceStore> =>
  LocalNonceStore.open({ folder, timestampSkewSeconds: SKEW, clock: { nowSeconds: () => NOW } });

/** As Node counts it; freed memory may be counted a little longer, so this is shown and not judged. */
async function arrayBufferBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let round = 0; round < 3; round++) {
    (runInNewContext('gc') as () => void)();
    await setTimeout(20);
  }
  return process.memoryUsage().arrayBuffers;
}

const microsecondsEach = (start: number, count: number): string =>
  `${(((performance.now() - start) * 1000) / count).toFixed(2)} µs`;

describe('a million nonces', () => {
  it('are remembered, asked for and loaded in reasonable time, in at most 32 bytes each', async () => {
    const before = await arrayBufferBytes();
    const store = await open();
    let start = performance.now();
    let slowest = 0;
    for (let at = 0; at < COUNT; at++) {
      const began = performance.now();
      store.remember(nonceAt(at), NOW - (at % 25) * 3600);
      slowest = Math.max(slowest, performance.now() - began);
    }
    const remember = microsecondsEach(start, COUNT);
    expect(performance.now() - start).toBeLessThan(300_000); // 3_000 on a machine with nothing else to do

    start = performance.now();
    for (let at = 0; at < 100_000; at++) store.has(randomNonce());
    const has = microsecondsEach(start, 100_000);
    const bytes = store.memoryBytes / COUNT;
    const measured = ((await arrayBufferBytes()) - before) / COUNT;
    store.close();

    start = performance.now();
    const again = await open();
    const load = microsecondsEach(start, COUNT);
    expect(again.size).toBe(COUNT);
    again.close();
    console.log(
      `1,000,000 nonces over 25 hours: remember ${remember} (slowest ${slowest.toFixed(1)} ms), has ${has}, load ${load} each; ` +
        `${bytes.toFixed(1)} bytes each (process: ${measured.toFixed(1)}), ${(again.memoryBytes / COUNT).toFixed(1)} after a restart`,
    );
    expect(bytes).toBeLessThanOrEqual(32);
    expect(again.memoryBytes / COUNT).toBeLessThanOrEqual(32);
  }, 400_000);

  it('take 21 to 32 bytes each at every size from ten thousand on', () => {
    const set = new NonceSet({ key0: 1, key1: 2 });
    const shares: number[] = [];
    for (let at = 0; at < 300_000; at++) {
      const words = new Uint32Array(4);
      for (let word = 0; word < 4; word++) words[word] = nonceAt(at).readUInt32LE(word * 4);
      set.add({ words, hash: words[0]! });
      if (set.size >= 10_000 && set.size % 500 === 0) shares.push(set.memoryBytes / set.size);
    }
    expect(Math.min(...shares)).toBeGreaterThan(21);
    expect(Math.max(...shares)).toBeLessThanOrEqual(32);
  });
});

const randomNonce = (): Buffer => {
  const nonce = Buffer.from(nonceAt(Math.floor(Math.random() * COUNT)));
  nonce[0]! ^= 1;
  return nonce;
};
