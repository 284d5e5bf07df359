import { tokenFor } from './room-token.js';

it.each([
  ['Fish tank', 'fish-tank'],
  ['Überraschung & Co.', 'uberraschung-co'],
  ['  --  ', ''],
  ['سلام', ''],
  ['a_b', 'a_b'],
])('the name %j suggests %j', (name, token) => expect(tokenFor(name)).toBe(token));

it('a token is never too long, and ends in no dash', () => {
  expect(tokenFor(`${'a'.repeat(63)} b`)).toBe('a'.repeat(63));
});
