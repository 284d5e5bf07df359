import {
  bytesText,
  counted,
  initialOf,
  isSessionId,
  relativeText,
  shortId,
  toneOf,
  wordsOf,
} from './shown.js';

it('an id is shortened, and what is short stays', () => {
  expect(shortId(`15${'ab'.repeat(32)}`)).toBe('15abab…abab');
  expect(shortId('automod')).toBe('automod');
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_500, '1.5 kB'],
  [482_113, '482 kB'],
  [2_136_000_000, '2.1 GB'],
])('%i bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

const NOW = new Date('2026-11-24T18:00:00Z');
it.each([
  ['2026-11-24T17:59:30Z', 'just now'],
  ['2026-11-24T17:55:00Z', '5 minutes ago'],
  ['2026-11-23T17:00:00Z', 'yesterday'],
  ['2026-11-27T18:00:00Z', 'in 3 days'],
  ['2026-11-27T17:59:58Z', 'in 3 days'],
  ['2026-11-25T17:59:00Z', 'in 24 hours'],
  ['2025-01-01T00:00:00Z', 'last year'],
])('%s is %s', (at, text) => expect(relativeText(new Date(at), NOW)).toBe(text));

it.each([
  ['message.delete', 'Message delete'],
  ['activeUsers', 'Active users'],
  ['delete_posts', 'Delete posts'],
  ['', ''],
])('%s reads as %s', (code, words) => expect(wordsOf(code)).toBe(words));

it('one is one', () => {
  expect([counted(1, 'post', 'posts'), counted(1_200, 'post', 'posts')]).toEqual(['1 post', '1,200 posts']);
});

it('an id of the server itself is nobody’s', () => {
  const ids = ['15', '05', 'ff'].map((prefix) => prefix + 'ab'.repeat(32));
  expect([...ids, 'spam bot'].map(isSessionId)).toEqual([true, true, false, false]);
});

it('an initial is a whole sign', () => {
  expect(['ünal', '🐟 tank', '  '].map(initialOf)).toEqual(['Ü', '🐟', '?']);
});

it('a tone is one of eight, and the same each time', () => {
  expect(toneOf('fish')).toBe(toneOf('fish'));
  for (const text of ['', 'a', 'lobby', '🐟']) expect(toneOf(text)).toBeLessThan(8);
});
