import { isoTime } from './clock.js';

describe('a time as programs are told it', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [1_700_000_000.5, '2023-11-14T22:13:20.500Z'],
    [-1e300, '1970-01-01T00:00:00.000Z'],
    [1e300, '9999-12-31T23:59:59.000Z'],
    [Infinity, '9999-12-31T23:59:59.000Z'],
  ])('%d is %s', (seconds, text) => expect(isoTime(seconds)).toBe(text));
});
