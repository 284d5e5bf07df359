import type { Ban } from '../../api/types.js';
import { endsSooner, EVERYWHERE, placesFor, standingAt } from './sanctions.js';

const ban = (part: Partial<Ban>): Ban => ({ id: '1-1', kind: 'ban', sessionId: '15ab', ...part });
const ON_SERVER = ban({});
const IN_FISH = ban({ room: 'fish' });
const MUTE_IN_FISH = ban({ room: 'fish', kind: 'mute' });
const IN_BIRDS = ban({ room: 'birds' });
const ALL = [ON_SERVER, IN_FISH, MUTE_IN_FISH, IN_BIRDS];

it.each([
  ['ban', 'fish', IN_FISH, [ON_SERVER, MUTE_IN_FISH]],
  ['mute', 'fish', MUTE_IN_FISH, [ON_SERVER, IN_FISH]],
  ['ban', undefined, ON_SERVER, []],
  ['mute', 'birds', undefined, [ON_SERVER, IN_BIRDS]],
] as const)('a new %s in %s replaces one of its kind and place', (kind, room, replaced, others) => {
  expect(standingAt(ALL, { kind, room, until: undefined })).toEqual({ replaced, others });
});

it.each([
  [undefined, undefined, false],
  [undefined, '2026-12-01T00:00:00.000Z', false],
  ['2026-12-01T00:00:00.000Z', undefined, true],
  ['2026-12-01T00:00:00.000Z', '2026-12-01T00:00:00Z', false],
  ['2026-12-01T00:00:00.000Z', '2026-12-01T00:00:01Z', true],
])('a new end %s after %s ends sooner: %s', (until, before, expected) => {
  expect(endsSooner({ kind: 'ban', room: undefined, until }, ban({ until: before }))).toBe(expected);
});

it('whoever looks after the server bans everywhere, and mutes in rooms', () => {
  expect(placesFor('ban', ['fish', 'fish', 'birds'], () => true)).toEqual(['fish', 'birds', EVERYWHERE]);
  expect(placesFor('mute', ['fish'], () => true)).toEqual(['fish']);
});

it('whoever looks after a room bans and mutes there alone', () => {
  const may = (_: string, room?: string): boolean => room === 'fish';
  expect(placesFor('ban', ['fish', 'birds'], may)).toEqual(['fish']);
  expect(placesFor('mute', ['birds'], may)).toEqual([]);
});
