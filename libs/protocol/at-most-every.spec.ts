import { atMostEvery } from './at-most-every.js';

it('it is time at first, and again when the time has passed since', () => {
  let now = 0;
  const isTime = atMostEvery(60, () => now);
  const at = (moment: number): boolean => ((now = moment), isTime());
  expect([0, 1, 59, 60, 61, 119, 120, 500].map(at)).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    true,
    true,
  ]);
});
