import { changesOf } from './room-changes.js';

const ROOM = {
  token: 'fish',
  name: 'Fish',
  description: 'Carps',
  joinLink: 'http://example.org/fish?public_key=00',
  activeUsers: 3,
  defaults: { read: true, write: true, upload: true, accessible: true },
  rateLimit: { posts: 5, windowSeconds: 60 },
};

it('only what is other than before is sent', () => {
  expect(changesOf(ROOM, { ...ROOM, name: 'Fishes', activeUsers: 9 })).toEqual({ name: 'Fishes' });
  expect(changesOf(ROOM, structuredClone(ROOM))).toEqual({});
});

it('what was taken away is null', () => {
  const { rateLimit: _, ...without } = ROOM;
  expect(changesOf(ROOM, without)).toEqual({ rateLimit: null });
});
