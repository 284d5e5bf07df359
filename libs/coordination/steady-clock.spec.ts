import { SteadyClock } from './steady-clock.js';

const NOW = 1_700_000_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

let now: number;
let uptime: number;
let clock: SteadyClock;
beforeEach(() => {
  [now, uptime] = [NOW, 1000];
  clock = new SteadyClock({ nowSeconds: () => now }, () => uptime);
});

/** What the clock shows when so much has passed. */
function after(seconds: number): number {
  [now, uptime] = [now + seconds, uptime + seconds];
  return clock.nowSeconds();
}

it('is believed an hour after the start, and not at all before', () => {
  expect([after(0), after(HOUR - 1)]).toEqual([0, HOUR - 1]);
  expect(after(1)).toBe(NOW + HOUR);
  expect(after(DAY)).toBe(NOW + HOUR + DAY);
});

it('goes on as before when the time jumps ahead and is set back within an hour', () => {
  after(HOUR);
  now += 3 * DAY;
  expect([after(0), after(1000)]).toEqual([NOW + HOUR, NOW + HOUR + 1000]);
  now -= 3 * DAY;
  expect(after(10)).toBe(NOW + HOUR + 1010);
  now += 3 * DAY;
  expect(after(HOUR - 1)).toBe(NOW + 2 * HOUR + 1009);
});

it('goes along when it was ahead for an hour', () => {
  after(HOUR);
  now += 3 * DAY;
  after(0);
  expect(after(HOUR)).toBe(NOW + 2 * HOUR + 3 * DAY);
});

it('goes along at once when the time is set back, or right by a little', () => {
  after(HOUR);
  now -= DAY;
  expect(after(10)).toBe(NOW + HOUR - DAY + 10);
  now += 60;
  expect(after(0)).toBe(NOW + HOUR - DAY + 70);
});

it('does not take an hour of small steps for an hour of doubt', () => {
  after(HOUR);
  for (let step = 0; step < 100; step++) {
    now += 1;
    expect(after(60)).toBe(now);
  }
  now += DAY;
  expect(after(0)).toBe(now - DAY);
});
