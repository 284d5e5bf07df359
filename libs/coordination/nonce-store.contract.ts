import type { NonceStore } from './nonce-store.js';

export const NOW = 1_700_000_000;

/** What every kind of nonce store must do. `open` gives one that has nothing in it and whose clock shows {@link NOW}. */
export function describeNonceStore(kind: string, open: () => Promise<NonceStore>): void {
  describe(`${kind}: a nonce store`, () => {
    let store: NonceStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const nonce = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

    it('takes a nonce once', async () => {
      expect(await store.remember(nonce, NOW)).toBe(true);
      expect(await store.remember(nonce, NOW)).toBe(false);
    });

    it('refuses a nonce again with any other timestamp', async () => {
      expect(await store.remember(nonce, NOW)).toBe(true);
      for (const timestamp of [NOW - 86_400, NOW - 3600, NOW + 1, NOW + 86_400]) {
        expect(await store.has(nonce)).toBe(true);
        expect(await store.remember(nonce, timestamp)).toBe(false);
      }
    });

    it('tells what it remembers, and does not remember by being asked', async () => {
      expect(await store.has(nonce)).toBe(false);
      expect(await store.has(nonce)).toBe(false);
      await store.remember(nonce, NOW);
      expect(await store.has(nonce)).toBe(true);
    });

    it('tells nonces apart that differ in one bit', async () => {
      await store.remember(nonce, NOW);
      for (let bit = 0; bit < 128; bit++) {
        const other = Buffer.from(nonce);
        other[bit >> 3]! ^= 1 << (bit & 7);
        expect(await store.remember(other, NOW)).toBe(true);
      }
    });

    it.each([0x00, 0xff])('treats a nonce of sixteen bytes %i like any other', async (byte) => {
      const uniform = Buffer.alloc(16, byte);
      expect(await store.has(uniform)).toBe(false);
      expect(await store.remember(uniform, NOW)).toBe(true);
      expect(await store.has(uniform)).toBe(true);
      expect(await store.remember(uniform, NOW + 7200)).toBe(false);
    });

    it('lets exactly one of many parallel calls have a nonce', async () => {
      const calls = Array.from({ length: 100 }, async () => store.remember(nonce, NOW));
      expect((await Promise.all(calls)).filter((isNew) => isNew)).toHaveLength(1);
    });

    it('does not keep the buffer it was given', async () => {
      const reused = Buffer.from(nonce);
      await store.remember(reused, NOW);
      reused.fill(7);
      expect(await store.has(nonce)).toBe(true);
      expect(await store.has(reused)).toBe(false);
    });

    it.each([0, 15, 17, 32])('refuses a nonce of %i bytes', async (length) => {
      const wrong = Buffer.alloc(length, 1);
      await expect((async () => store.remember(wrong, NOW))()).rejects.toThrow(RangeError);
      await expect((async () => store.has(wrong))()).rejects.toThrow(RangeError);
    });
  });
}
