import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { UnavailableError } from '../protocol/unavailable-error.js';
import { LocalNonceStore, type LocalNonceStoreOptions } from './local-nonce-store.js';
import { describeNonceStore, NOW } from './nonce-store.contract.js';

const SKEW = 86_400;
const HOUR = 3600;
const THIS_HOUR = Math.floor(NOW / HOUR);

let folder: string;
let now: number;
/** How much the clock is ahead of the time that really passed. */
let ahead: number;
beforeEach(() => {
  ahead = 0;
  folder = join(mkdtempSync(join(tmpdir(), 'plaza-nonces-')), 'nonces');
  now = NOW;
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const open = (options: Partial<LocalNonceStoreOptions> = {}): Promise<LocalNonceStore> =>
  LocalNonceStore.open({
    folder,
    timestampSkewSeconds: SKEW,
    clock: { nowSeconds: () => now },
    uptimeSeconds: () => now - ahead,
    ...options,
  });

const bucketPath = (hour: number): string => join(folder, `${hour}.bin`);
const nonces = (count: number): Buffer[] => Array.from({ length: count }, () => randomBytes(16));

describeNonceStore('in the process', () => open());

describe('the files of nonces', () => {
  it('hold a nonce before remember returns, by hour of the timestamp', async () => {
    const store = await open();
    const [a, b, c] = nonces(3) as [Buffer, Buffer, Buffer];
    store.remember(a, NOW);
    store.remember(b, NOW);
    store.remember(c, NOW - HOUR);
    expect(readFileSync(bucketPath(THIS_HOUR))).toEqual(Buffer.concat([a, b]));
    expect(readFileSync(bucketPath(THIS_HOUR - 1))).toEqual(c);
    store.close();
  });

  it('are for the owner only', async () => {
    const store = await open();
    store.remember(randomBytes(16), NOW);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(bucketPath(THIS_HOUR)).mode & 0o777).toBe(0o600);
    store.close();
  });

  it('do not grow by a nonce that is refused', async () => {
    const store = await open();
    const [nonce] = nonces(1) as [Buffer];
    store.remember(nonce, NOW);
    store.remember(nonce, NOW);
    expect(statSync(bucketPath(THIS_HOUR)).size).toBe(16);
    store.close();
  });

  it('carry every nonce over a restart', async () => {
    const used = [...nonces(1000), Buffer.alloc(16)];
    const store = await open();
    used.forEach((nonce, at) => store.remember(nonce, NOW - (at % 20) * HOUR));
    store.close();

    const again = await open();
    expect(again.size).toBe(used.length);
    for (const nonce of used) expect(again.remember(nonce, NOW)).toBe(false);
    expect(again.remember(randomBytes(16), NOW)).toBe(true);
    again.close();
  });

  it('are repaired when the last nonce was cut off', async () => {
    const store = await open();
    const [a, b, c] = nonces(3) as [Buffer, Buffer, Buffer];
    store.remember(a, NOW);
    store.close();
    writeFileSync(bucketPath(THIS_HOUR), Buffer.concat([a, b.subarray(0, 5)]));

    const again = await open();
    expect(again.size).toBe(1);
    expect(again.has(a)).toBe(true);
    expect(again.remember(c, NOW)).toBe(true);
    expect(readFileSync(bucketPath(THIS_HOUR))).toEqual(Buffer.concat([a, c]));
    again.close();
  });

  it('may be empty, and other files beside them are left alone', async () => {
    (await open()).close();
    writeFileSync(bucketPath(THIS_HOUR), '');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const store = await open();
    expect(store.size).toBe(0);
    now += 100 * 86_400;
    store.dropExpired();
    expect(readdirSync(folder)).toEqual(['notes.txt']);
    store.close();
  });
});

describe('a disk that takes no more', () => {
  it('makes remember fail, and the nonce stays unused', async () => {
    const store = await open();
    const [nonce] = nonces(1) as [Buffer];
    symlinkSync('/dev/full', bucketPath(THIS_HOUR));
    expect(() => store.remember(nonce, NOW)).toThrow(/could not be recorded.*ENOSPC/);
    expect(() => store.remember(nonce, NOW)).toThrow(UnavailableError);
    expect(store.has(nonce)).toBe(false);
    expect(store.size).toBe(0);

    rmSync(bucketPath(THIS_HOUR));
    expect(store.remember(nonce, NOW)).toBe(true);
    expect(readFileSync(bucketPath(THIS_HOUR))).toEqual(nonce);
    store.close();
  });
});

describe('a bucket', () => {
  const lastSecondOf = (hour: number): number => (hour + 1) * HOUR - 1;

  it('stays while one of its requests could be replayed', async () => {
    const store = await open();
    const [nonce] = nonces(1) as [Buffer];
    const timestamp = lastSecondOf(THIS_HOUR);
    store.remember(nonce, timestamp);
    now = timestamp + SKEW;
    store.dropExpired();
    expect(store.has(nonce)).toBe(true);
    store.close();
    const again = await open();
    expect(again.has(nonce)).toBe(true);
    again.close();
  });

  it('of a request from the future stays until that could not be replayed', async () => {
    const store = await open();
    const [nonce] = nonces(1) as [Buffer];
    store.remember(nonce, NOW + SKEW);
    now = NOW + 2 * SKEW;
    store.dropExpired();
    expect(store.has(nonce)).toBe(true);
    store.close();
  });

  it('goes as a whole after that, memory and file, and others stay', async () => {
    const store = await open();
    const [old, young] = nonces(2) as [Buffer, Buffer];
    store.remember(old, NOW);
    store.remember(young, NOW + HOUR);
    now = lastSecondOf(THIS_HOUR) + SKEW + 2;
    store.dropExpired();
    expect([store.has(old), store.has(young), store.size]).toEqual([false, true, 1]);
    expect([existsSync(bucketPath(THIS_HOUR)), existsSync(bucketPath(THIS_HOUR + 1))]).toEqual([false, true]);
    expect(store.remember(old, now - 60)).toBe(true);
    store.close();
  });

  it('outlives a clock that runs ahead and is set back, and goes when its time has really come', async () => {
    const store = await open();
    const nonce = randomBytes(16);
    store.remember(nonce, NOW);
    [now, ahead] = [NOW + 3 * SKEW, 3 * SKEW];
    store.dropExpired();
    [now, ahead] = [NOW + 60, 0];
    expect(store.remember(nonce, NOW)).toBe(false);
    now = lastSecondOf(THIS_HOUR) + SKEW + 2;
    store.dropExpired();
    expect(store.size).toBe(0);
    store.close();
  });

  it('of a nonce that was taken with the clock behind outlives its being put right', async () => {
    const store = await open();
    const nonce = randomBytes(16);
    [now, ahead] = [NOW - 2 * SKEW, -2 * SKEW];
    store.remember(nonce, now);
    [now, ahead] = [NOW, 0];
    store.dropExpired();
    [now, ahead] = [NOW - 2 * SKEW, -2 * SKEW];
    expect(store.remember(nonce, now)).toBe(false);
    store.close();
  });

  it('that expired while the server was down goes an hour after the start', async () => {
    const store = await open();
    store.remember(randomBytes(16), NOW);
    store.close();
    now = lastSecondOf(THIS_HOUR) + SKEW + 2;
    const again = await open();
    again.dropExpired();
    expect(again.size).toBe(1);
    now += HOUR;
    again.dropExpired();
    expect(again.size).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    again.close();
  });

  it('outlives a start with the clock ahead, which is set back within an hour', async () => {
    const store = await open();
    const nonce = randomBytes(16);
    store.remember(nonce, NOW);
    store.close();
    [now, ahead] = [NOW + 3 * SKEW, 3 * SKEW];
    const again = await open();
    again.dropExpired();
    [now, ahead] = [NOW + 60, 0];
    again.dropExpired();
    expect(again.remember(nonce, NOW)).toBe(false);
    again.close();
  });
});

describe('the bounds of the store', () => {
  it('end in a 503 for new nonces, while old ones are still known', async () => {
    const store = await open({ entriesMax: 3 });
    const [first, ...rest] = nonces(4) as [Buffer, Buffer, Buffer, Buffer];
    store.remember(first, NOW);
    for (const nonce of rest.slice(0, 2)) store.remember(nonce, NOW + HOUR);
    expect(() => store.remember(rest[2]!, NOW)).toThrow(expect.objectContaining({ status: 503 }));
    expect(store.remember(first, NOW)).toBe(false);

    now = NOW + SKEW + HOUR + 2;
    store.dropExpired();
    expect(store.remember(rest[2]!, now)).toBe(true);
    store.close();
  });

  it.each([NOW - SKEW - 2 * HOUR, NOW + SKEW + 2 * HOUR, 1.5, NaN, Infinity])(
    'keep out the timestamp %d, which no check let through',
    async (timestamp) => {
      const store = await open();
      expect(() => store.remember(randomBytes(16), timestamp)).toThrow(RangeError);
      expect(readdirSync(folder)).toEqual([]);
      store.close();
    },
  );

  it('include its end: a closed store takes nothing', async () => {
    const store = await open();
    store.close();
    expect(() => store.remember(randomBytes(16), NOW)).toThrow('closed');
  });
});

describe('any sequence of uses, restarts and hours', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ nonce: fc.nat(30), offset: fc.integer({ min: -SKEW, max: SKEW }) }),
      },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: SKEW }).map((wait) => ({ wait })) },
    ),
    { maxLength: 60 },
  );

  it('never accepts a nonce twice while its first request could be replayed', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        rmSync(folder, { recursive: true, force: true });
        now = NOW;
        let store = await open();
        const acceptableUntil = new Map<number, number>();
        for (const step of sequence) {
          if (step === 'restart') {
            store.close();
            store = await open();
          } else if ('wait' in step) {
            now += step.wait;
            store.dropExpired();
          } else {
            const bytes = Buffer.alloc(16, step.nonce);
            const isNew = store.remember(bytes, now + step.offset);
            const until = acceptableUntil.get(step.nonce) ?? -1;
            if (until >= now) expect(isNew).toBe(false);
            // An hour for the end of its bucket, and one after a restart.
            if (until < now - 2 * HOUR - 1) expect(isNew).toBe(true);
            if (isNew) acceptableUntil.set(step.nonce, now + step.offset + SKEW);
          }
        }
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});
