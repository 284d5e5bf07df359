import { windowOf } from './spans.js';

const NOW = new Date('2026-11-24T18:30:00Z');

it('a window ends with the step that is under way', () => {
  expect(windowOf('day', NOW)).toEqual({
    from: '2026-11-23T19:00:00.000Z',
    to: '2026-11-24T19:00:00.000Z',
    step: 'hour',
  });
  expect(windowOf('month', NOW)).toEqual({
    from: '2026-10-26T00:00:00.000Z',
    to: '2026-11-25T00:00:00.000Z',
    step: 'day',
  });
});
