import { BansService } from '../../libs/community/bans.service.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity();
const HOUR = 3600;
const NOON = 1_700_049_600;

let ann: Member;
let ben: Member;
let roomIds: number[];
beforeEach(async () => {
  community().clock.now = NOON;
  [ann, ben] = [await community().member('ann'), await community().member('ben')];
  for (const token of ['a', 'b']) await community().room(token);
  const rows = await community().sql<{ id: number }>('SELECT id FROM rooms ORDER BY token');
  roomIds = rows.map(({ id }) => id);
});

const lastActive = async (member: Member) =>
  community().value<number>('SELECT last_active_at FROM users WHERE id = $1', [member.id]);
const visits = () =>
  community().sql<{ room_id: number; user_id: number; at: number }>(
    'SELECT room_id, user_id, last_active_at AS at FROM room_activity ORDER BY room_id, user_id',
  );
/** Somebody makes a request and reads in the first room. */
function come(...members: Member[]): void {
  for (const { id } of members) {
    community().activity.seen(id);
    community().activity.visited(roomIds[0]!, id);
  }
}

describe('activity', () => {
  it('is kept to the hour', async () => {
    community().clock.now = NOON + HOUR + 1234.5;
    come(ann);
    await community().activity.flush();
    expect(await lastActive(ann)).toBe(NOON + HOUR);
    expect(await visits()).toEqual([{ room_id: roomIds[0], user_id: ann.id, at: NOON + HOUR }]);
  });

  it('is written in bulk: as many statements for fifty people as for one', async () => {
    const members = await Promise.all(
      Array.from({ length: 50 }, (_, n) => community().member(`member ${n}`)),
    );
    community().clock.now += HOUR;
    come(...members, ...members);
    const written: string[] = [];
    const { query } = community().database;
    community().database.query = function count(statement, values) {
      written.push(statement.name);
      return query.call(this, statement, values) as never;
    };
    await community().activity.flush();
    expect(written.sort()).toEqual([
      'moderation-rules.server', // whether so many who come are a raid
      'moderation-rules.server-version',
      'room-activity.record',
      'rooms.find-by-ids',
      'users.touch-last-active',
    ]);
    expect(await visits()).toHaveLength(50);
    expect(await Promise.all(members.map(lastActive))).toEqual(members.map(() => NOON + HOUR));
  });

  it('is written once an hour', async () => {
    community().clock.now += HOUR;
    come(ann);
    await community().activity.flush();
    await community().sql('UPDATE users SET last_active_at = 5 WHERE id = $1', [ann.id]);
    community().clock.now += HOUR - 1;
    come(ann);
    await community().activity.flush();
    expect(await lastActive(ann)).toBe(5);
    community().clock.now += 1;
    come(ann);
    await community().activity.flush();
    expect(await lastActive(ann)).toBe(NOON + 2 * HOUR);
  });

  it('is never moved back', async () => {
    come(ann);
    await community().sql('UPDATE users SET last_active_at = $1', [NOON + 9 * HOUR]);
    await community().sql('INSERT INTO room_activity VALUES ($1, $2, $3)', [
      roomIds[0],
      ann.id,
      NOON + 9 * HOUR,
    ]);
    await community().activity.flush();
    expect(await lastActive(ann)).toBe(NOON + 9 * HOUR);
    expect(await visits()).toMatchObject([{ at: NOON + 9 * HOUR }]);
  });

  it('in one room is not activity in another', async () => {
    community().activity.visited(roomIds[0]!, ann.id);
    community().activity.visited(roomIds[1]!, ben.id);
    await community().activity.flush();
    expect(await visits()).toMatchObject([
      { room_id: roomIds[0], user_id: ann.id },
      { room_id: roomIds[1], user_id: ben.id },
    ]);
  });

  it.each([
    [
      'banned in the room',
      () =>
        community().sql('INSERT INTO permission_overrides (room_id, user_id, banned) VALUES ($1, $2, true)', [
          roomIds[0],
          ann.id,
        ]),
    ],
    ['banned everywhere', () => community().sql('UPDATE users SET banned = true WHERE id = $1', [ann.id])],
    ['no longer there', () => community().sql('DELETE FROM users WHERE id = $1', [ann.id])],
  ])('of somebody who is %s since is left out; that of others is not', async (_, change) => {
    come(ann, ben);
    await change();
    await community().activity.flush();
    expect(await visits()).toMatchObject([{ user_id: ben.id }]);
  });

  it('in a room that was deleted since is left out; that in others is not', async () => {
    come(ann);
    community().activity.visited(roomIds[1]!, ann.id);
    await community().sql('DELETE FROM rooms WHERE id = $1', [roomIds[0]]);
    await community().activity.flush();
    expect(await visits()).toMatchObject([{ room_id: roomIds[1], user_id: ann.id }]);
  });

  it.each([
    ['in the room', async () => [await community().access('a' as RoomToken)] as const],
    ['everywhere', () => Promise.resolve(undefined)],
  ])('within the hour of a ban %s counts again once that is lifted', async (_, where) => {
    const bans = community().service(BansService);
    const { operator } = community();
    const rooms = await where();
    const lift = () =>
      rooms ? bans.unbanInRooms(operator, rooms, ann.sessionId) : bans.unbanGlobally(operator, ann.sessionId);
    const ban = () =>
      rooms
        ? bans.banInRooms(operator, rooms, ann.sessionId, 0)
        : bans.banGlobally(operator, ann.sessionId, 0);
    come(ann, ben);
    await community().activity.flush();
    await ban();
    expect(await visits()).toMatchObject([{ user_id: ben.id }]);
    await lift();
    come(ann);
    await ban(); // what waits to be written goes too
    await community().activity.flush();
    await lift();
    come(ann);
    await community().activity.flush();
    expect(await visits()).toMatchObject([{ user_id: ann.id }, { user_id: ben.id }]);
  });

  it('that could not be written is dropped, and comes with the next request', async () => {
    community().clock.now += HOUR;
    come(ann);
    await community().sql('ALTER TABLE users ADD CONSTRAINT frozen CHECK (false) NOT VALID');
    await expect(community().activity.flush()).resolves.toBeUndefined();
    await community().sql('ALTER TABLE users DROP CONSTRAINT frozen');
    come(ann);
    await community().activity.flush();
    expect(await lastActive(ann)).toBe(NOON + HOUR);
  });

  it('that is collected at the end is written before the server stops', async () => {
    community().clock.now += HOUR;
    come(ann);
    await community().activity.onApplicationShutdown();
    expect(await lastActive(ann)).toBe(NOON + HOUR);
  });
});
