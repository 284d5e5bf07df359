import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LocalNonceStore, type LocalNonceStoreOptions } from './local-nonce-store.js';
import { NOW } from './nonce-store.contract.js';

const DAY = 86_400;
const HOUR = 3600;
const MINUTE = 60;
const TOO_FAR = { status: 425, text: expect.stringContaining('X-SOGS-Timestamp is too far') as string };

let folder: string;
let now: number;
/** How much the clock is ahead of the time that really passed. */
let ahead: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plaza-nonces-'));
  [now, ahead] = [NOW, 0];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (entriesMax: number, options: Partial<LocalNonceStoreOptions> = {}): Promise<LocalNonceStore> =>
  LocalNonceStore.open({
    folder,
    entriesMax,
    timestampSkewSeconds: DAY,
    clock: { nowSeconds: () => now },
    uptimeSeconds: () => now - ahead,
    ...options,
  });

/** What becomes of a request. */
function send(
  store: LocalNonceStore,
  timestamp: number,
  nonce: Buffer = randomBytes(16),
): 'new' | 'used' | number {
  try {
    return store.remember(nonce, timestamp) ? 'new' : 'used';
  } catch (error) {
    return (error as { status: number }).status;
  }
}

function fill(store: LocalNonceStore, count: number, timestamp: number): void {
  for (let at = 0; at < count; at++) expect(send(store, timestamp)).toBe('new');
}

describe('a store of nonces that fills up', () => {
  it('takes times that are the nearer to now the fuller it is', async () => {
    const store = await open(100);
    fill(store, 50, NOW + DAY);
    expect([DAY, -DAY, 2 * HOUR + 1, -2 * HOUR - 1].map((offset) => send(store, NOW + offset))).toEqual(
      Array(4).fill(425),
    );
    expect(() => store.remember(randomBytes(16), NOW + DAY)).toThrow(expect.objectContaining(TOO_FAR));
    fill(store, 25, NOW + 2 * HOUR);
    expect([2 * HOUR, -16 * MINUTE].map((offset) => send(store, NOW + offset))).toEqual([425, 425]);
    fill(store, 12, NOW + 15 * MINUTE);
    fill(store, 13, NOW - 15 * MINUTE);
    expect(send(store, NOW)).toBe(503);
    store.close();
  });

  it('goes on for ever with people whose clocks are right, after a day’s worth of others', async () => {
    const store = await open(1000);
    fill(store, 500, NOW + DAY);
    for (let minute = 0; minute < 3000; minute++) {
      now += MINUTE;
      if (minute % 5 === 0) store.dropExpired();
      expect(send(store, now)).toBe('new');
      expect(send(store, now - 1)).toBe('new');
    }
    store.close();
  });

  it('makes room at once when it is full and something may go', async () => {
    const store = await open(100);
    fill(store, 49, NOW - 20 * HOUR);
    fill(store, 51, NOW);
    expect(send(store, NOW)).toBe('new');
    expect(store.size).toBe(52);
    store.close();
  });

  it('never again takes what it dropped early, with room and after a restart', async () => {
    let store = await open(100);
    const nonce = randomBytes(16);
    store.remember(nonce, NOW - 20 * HOUR);
    fill(store, 39, NOW - 10 * HOUR);
    fill(store, 10, NOW);
    store.dropExpired();
    expect([store.size, store.has(nonce)]).toEqual([49, false]);
    for (const round of ['running', 'started again']) {
      expect([round, send(store, NOW - 20 * HOUR, nonce)]).toEqual([round, 425]);
      store.close();
      store = await open(1000);
      expect(store.windowSeconds).toBe(DAY);
    }
    expect(send(store, NOW - 10 * HOUR)).toBe('new');
    store.close();
  });

  it('drops nothing early for a clock that runs ahead, and goes on when that is set back', async () => {
    const store = await open(100);
    const nonce = randomBytes(16);
    store.remember(nonce, NOW);
    fill(store, 60, NOW);
    [now, ahead] = [NOW + DAY / 2, DAY / 2];
    store.dropExpired();
    expect(store.size).toBe(61);
    [now, ahead] = [NOW + MINUTE, 0];
    expect([send(store, NOW, nonce), send(store, now)]).toEqual(['used', 'new']);
    store.close();
  });

  it('drops nothing when it cannot record that it did', async () => {
    const store = await open(100);
    fill(store, 50, NOW - 20 * HOUR);
    rmSync(folder, { recursive: true });
    store.dropExpired();
    expect(store.size).toBe(50);
    store.close();
    folder = mkdtempSync(join(tmpdir(), 'plaza-nonces-'));
  });
});

describe('any sequence of requests, replays, restarts and hours', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: -DAY, max: DAY }).map((offset) => ({ offset })) },
      { weight: 12, arbitrary: fc.integer({ min: -600, max: 600 }).map((offset) => ({ offset })) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 * HOUR }).map((wait) => ({ wait })) },
    ),
    { minLength: 20, maxLength: 120 },
  );

  it('no request is taken twice, however full the store is', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        rmSync(folder, { recursive: true, force: true });
        now = NOW;
        let store = await open(12);
        const taken: { nonce: Buffer; timestamp: number }[] = [];
        for (const step of sequence) {
          if (step === 'restart') {
            store.close();
            store = await open(12);
          } else if ('wait' in step) {
            now += step.wait;
            store.dropExpired();
          } else {
            const request = { nonce: randomBytes(16), timestamp: now + step.offset };
            if (send(store, request.timestamp, request.nonce) === 'new') taken.push(request);
          }
          expect(store.size).toBeLessThanOrEqual(12);
          const replayable = taken.filter(({ timestamp }) => Math.abs(timestamp - now) <= DAY);
          for (const { nonce, timestamp } of replayable)
            expect(send(store, timestamp, nonce)).not.toBe('new');
        }
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});
