import { counted, cut, initialOf, nameText, shortId, spanText, timeTexts, toneOf } from './shown-text.js';

describe('a text that is cut', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc…'],
    ['', 3, ''],
    ['👋👋👋', 3, '👋👋👋'],
    ['👋👋👋👋', 3, '👋👋👋…'],
  ])('of %j has %i code points', (text, most, expected) => expect(cut(text, most)).toBe(expected));
});

describe('a name', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada\n\tLovelace ', 'Ada Lovelace'],
    ['x'.repeat(65), `${'x'.repeat(64)}…`],
    [' \n\u00a0', undefined],
    [undefined, undefined],
  ])('from %j is %j', (text, expected) => expect(nameText(text)).toBe(expected));
});

it('ids are shortened to both ends', () =>
  expect(shortId(`15ab3c${'0'.repeat(56)}9f2e`)).toBe('15ab3c…9f2e'));

it.each([
  ['fish', 'F'],
  ['🐟 ürban', 'Ü'],
  ['گفتگو', 'گ'],
  ['🐟', '🐟'],
  ['7up', '7'],
  ['', '?'],
])('the initial of %j is %j', (name, initial) => expect(initialOf(name)).toBe(initial));

it('counts have their words', () => {
  expect([0, 1, 1234].map((count) => counted(count, 'room', 'rooms'))).toEqual([
    '0 rooms',
    '1 room',
    '1,234 rooms',
  ]);
});

it.each([
  [7 * 86_400, '7 days'],
  [86_400, '24 hours'],
  [3600, '1 hour'],
  [59, 'less than an hour'],
])('%i seconds are %s', (seconds, expected) => expect(spanText(seconds)).toBe(expected));

describe('a time', () => {
  it('is given in UTC', () => {
    expect(timeTexts(1_700_000_000.5)).toEqual({
      iso: '2023-11-14T22:13:20.500Z',
      shown: '14 Nov 2023, 22:13 UTC',
    });
  });

  it.each([Number.NaN, Infinity, 1e20])('%d is left out', (seconds) =>
    expect(timeTexts(seconds)).toBeUndefined(),
  );
});

it('a colour is one of eight, and always the same', () => {
  const tones = Array.from({ length: 200 }, (_, number) => toneOf(`15${number}`));
  expect(new Set(tones)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  expect(toneOf('fish')).toBe(toneOf('fish'));
});
