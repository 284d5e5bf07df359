import { mayDo, mayDoAnywhere } from './rights.js';

const somebody = { roles: { global: 'viewer' as const, rooms: { fish: 'moderator' as const } } };
const elsewhere = { roles: { rooms: { fish: 'admin' as const } } };

it.each([
  [somebody, 'viewer', undefined, true],
  [somebody, 'moderator', undefined, false],
  [somebody, 'moderator', 'fish', true],
  [somebody, 'admin', 'fish', false],
  [somebody, 'viewer', 'birds', true],
  [elsewhere, 'viewer', undefined, false],
  [elsewhere, 'admin', 'fish', true],
  [elsewhere, 'viewer', 'birds', false],
] as const)('%j: %s in %s is %s', (session, role, room, expected) => {
  expect(mayDo(session, role, room)).toBe(expected);
});

it('a role in one room is a role somewhere', () => {
  expect([mayDoAnywhere(elsewhere, 'admin'), mayDoAnywhere(somebody, 'admin')]).toEqual([true, false]);
});
