import { setTimeout as delay } from 'node:timers/promises';
import { settlesWithin, TooLateError, within } from './bounded-wait.js';

const never = new Promise<never>(() => undefined);
const fails = (ms: number) =>
  delay(ms).then(() => {
    throw new Error('no');
  });

describe('within', () => {
  it('gives what comes in time', async () => {
    expect(await within(1000, delay(1, 'yes'))).toBe('yes');
    await expect(within(1000, fails(1))).rejects.toThrow('no');
  });

  it('throws when it takes longer', async () => {
    await expect(within(5, never)).rejects.toThrow(TooLateError);
  });

  it('lets nobody hear of a failure that comes later', async () => {
    await expect(within(1, fails(10))).rejects.toThrow(TooLateError);
    await delay(20);
  });

  it('does not keep the process from ending', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await within(100_000, delay(1));
    expect(timers()).toBe(before);
  });
});

it('settlesWithin tells whether it came to an end, good or bad', async () => {
  expect(await settlesWithin(1000, delay(1))).toBe(true);
  expect(await settlesWithin(1000, fails(1))).toBe(true);
  expect(await settlesWithin(5, never)).toBe(false);
});
