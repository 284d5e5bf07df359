import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { REFERENCES_TO_USERS } from '../../libs/storage/housekeeping.repository.js';
import { RoomScene } from '../support/room-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const LOG_SECONDS = 90 * 86_400;

const community = eachWithCommunity();

/** Appointed by a 05 id, in a room, before anybody was here. */
async function named(name: string): Promise<{ scene: RoomScene; sessionId: SessionId }> {
  const scene = await RoomScene.of(community());
  const sessionId = community().account(name).sessionId as SessionId;
  await scene.appoint({ account: community().account(name), id: 0, sessionId }, { moderator: true });
  return { scene, sessionId };
}

const run = async () => (await community().service(HousekeepingService).run()).spareNames;
const known = async (sessionId: string) =>
  (await community().sql('SELECT id FROM users WHERE session_id = $1', [sessionId])).length === 1;

describe('a 05 id that an operator named', () => {
  it('stays as long as its person has not come', async () => {
    const { sessionId } = await named('ann');
    community().clock.now += LOG_SECONDS + 1;
    expect(await run()).toBe(0);
    expect(await known(sessionId)).toBe(true);
  });

  it('goes after its person came under a blinded id, when the log speaks of it no more', async () => {
    const { scene, sessionId } = await named('ann');
    const ann = await community().member('ann');
    expect(await run()).toBe(0); // the log tells who was appointed
    community().clock.now += LOG_SECONDS + 1;
    expect(await run()).toBe(1);
    expect(await known(sessionId)).toBe(false);
    expect((await scene.as(ann)).access.moderator).toBe(true);
  });

  it('stays where people come under their 05 ids themselves', async () => {
    const sessionId = community().account('ben').sessionId as SessionId;
    await community().people.arrive(sessionId);
    expect(await run()).toBe(0);
    expect(await known(sessionId)).toBe(true);
  });
});

it('a blinded id that was named stays', async () => {
  const scene = await RoomScene.of(community());
  const ann = await scene.member('ann');
  await community().sql('UPDATE users SET last_active_at = NULL WHERE id = $1', [ann.id]);
  expect(await run()).toBe(0);
});

it('every reference to a user is looked at', async () => {
  const rows = await community().sql<{ table: string; columns: string[] }>(
    `SELECT conrelid::regclass::text AS table, array_agg(attname::text ORDER BY attname) AS columns
     FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND confrelid = 'users'::regclass GROUP BY 1`,
  );
  const sorted = Object.entries(REFERENCES_TO_USERS).map(([table, columns]) => [table, [...columns].sort()]);
  expect(Object.fromEntries(rows.map(({ table, columns }) => [table, columns]))).toEqual(
    Object.fromEntries(sorted),
  );
});
