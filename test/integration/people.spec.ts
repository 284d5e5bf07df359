import { Authenticator } from '../../libs/auth/authenticator.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import { parseTarget } from '../../libs/protocol/wire.js';
import { MemoryNonces } from '../support/memory-auth-ports.js';
import { communityOn, eachWithCommunity, type Community } from '../support/scratch-community.js';
import { authHeaders, type Account } from '../support/session-client.js';

const community = eachWithCommunity();

type Sign = 'absolute' | 'negative';
const SIGNS: Sign[] = ['absolute', 'negative'];
const ROUNDS = 15;

const isNegative = (id: string): boolean => Number.parseInt(id[64]!, 16) >= 8;

/** The n-th account whose real blinded id is the absolute (or the negative) one of its pair. */
function accountOf(sign: Sign, n = 0): Account {
  for (let at = 0, found = 0; ; at++) {
    const account = community().account(`person ${at}`);
    if (isNegative(account.blindedId) === (sign === 'negative') && found++ === n) return account;
  }
}

const idsOf = (account: Account) => ({
  unblinded: account.sessionId as SessionId,
  blinded: account.blindedId as SessionId,
});

const flip = (id: SessionId): SessionId => {
  const digit = (Number.parseInt(id[64]!, 16) ^ 8).toString(16);
  return `${id.slice(0, 64)}${digit}${id.slice(65)}` as SessionId;
};

/** The users (but the server itself), with what is set for them. */
const people = () =>
  community().sql<{ id: number; session_id: string; banned: boolean; moderator: boolean; admin: boolean }>(
    `SELECT id, session_id, banned, moderator, admin, visible_mod FROM users WHERE session_id NOT LIKE 'ff%' ORDER BY id`,
  );
const pending = () =>
  community().sql<{ absolute_id: string; user_id: number }>('SELECT * FROM pending_blinding');
const infoUpdates = async (token: RoomToken): Promise<number> =>
  community().value('SELECT info_updates FROM rooms WHERE token = $1', [token]);
const appoint = (id: SessionId, rooms: RoomToken[], admin = false) =>
  community().moderators.changeInRooms(
    community().operator,
    id,
    rooms,
    admin ? { admin } : { moderator: true },
  );
const named = (id: SessionId, by: Community = community()) =>
  by.database.transaction((tx) => by.people.named(tx, id));
const setBanned = (id: SessionId) =>
  community().sql('UPDATE users SET banned = true WHERE session_id = $1', [id]);

describe.each(SIGNS)('somebody named by a 05 id whose blinded id is the %s one', (sign) => {
  it('is listed under the 05 id until they arrive', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const room = await community().room('lobby');
    await appoint(unblinded, [room]);
    expect((await community().rooms.object(await community().access(room))).moderators).toEqual([unblinded]);
    await community().people.arrive(blinded);
    expect((await community().rooms.object(await community().access(room))).moderators).toEqual([blinded]);
  });

  it('finds on arrival everything that was set or scheduled, and nothing is left behind', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const rooms = await Promise.all(['a', 'b', 'c', 'd'].map((token) => community().room(token)));
    await appoint(unblinded, [rooms[0]!], true);
    const { id } = await named(unblinded);
    await community().sql(
      `INSERT INTO permission_overrides (room_id, user_id, banned, read, upload)
       SELECT id, $1, token = 'b', CASE WHEN token = 'c' THEN false END, CASE WHEN token = 'c' THEN true END
       FROM rooms WHERE token IN ('b', 'c')`,
      [id],
    );
    await community().sql(
      `INSERT INTO scheduled_changes (room_id, user_id, due_at, write, banned)
       VALUES ((SELECT id FROM rooms WHERE token = 'a'), $1, 5, false, NULL), (NULL, $1, 6, NULL, true)`,
      [id],
    );
    const before = await community().sql(`SELECT token, access_version FROM rooms ORDER BY token`);
    const arrived = await community().people.arrive(blinded);
    expect(
      await community().sql(
        `SELECT token, user_id, banned, moderator, admin, read, upload FROM permission_overrides
         JOIN rooms ON rooms.id = room_id ORDER BY token`,
      ),
    ).toEqual([
      {
        token: 'a',
        user_id: arrived.id,
        banned: false,
        moderator: true,
        admin: true,
        read: null,
        upload: null,
      },
      {
        token: 'b',
        user_id: arrived.id,
        banned: true,
        moderator: false,
        admin: false,
        read: null,
        upload: null,
      },
      {
        token: 'c',
        user_id: arrived.id,
        banned: false,
        moderator: false,
        admin: false,
        read: false,
        upload: true,
      },
    ]);
    expect(
      await community().sql(
        'SELECT room_id IS NULL AS global, user_id, due_at, write, banned FROM scheduled_changes ORDER BY due_at',
      ),
    ).toEqual([
      { global: false, user_id: arrived.id, due_at: 5, write: false, banned: null },
      { global: true, user_id: arrived.id, due_at: 6, write: null, banned: true },
    ]);
    expect(await pending()).toEqual([]);
    const after = await community().sql<{ access_version: number }>(
      'SELECT access_version FROM rooms ORDER BY token',
    );
    expect(
      after.map(
        ({ access_version }, at) => access_version - (before[at] as (typeof after)[0]).access_version,
      ),
    ).toEqual([1, 1, 1, 0]);
  });

  it('takes a global role along, which counts twice in info_updates of every room', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const rooms = [await community().room('a'), await community().room('b')];
    await community().moderators.changeGlobally(community().operator, unblinded, {
      admin: true,
      visible: true,
    });
    const usersVersion = () => community().value<number>('SELECT users_version FROM server_state');
    const [before, versionBefore] = [await Promise.all(rooms.map(infoUpdates)), await usersVersion()];
    expect(await community().people.arrive(blinded)).toMatchObject({
      moderator: true,
      admin: true,
      visibleMod: true,
    });
    expect(await people()).toEqual([
      expect.objectContaining({ session_id: unblinded, moderator: false, admin: false, visible_mod: false }),
      expect.objectContaining({ session_id: blinded, moderator: true, admin: true, visible_mod: true }),
    ]);
    expect(await Promise.all(rooms.map(infoUpdates))).toEqual(before.map((count) => count + 2));
    expect(await usersVersion()).toBe(versionBefore + 1);
  });

  it('takes a room role along, which counts nothing in info_updates', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const room = await community().room('a');
    await appoint(unblinded, [room]);
    const before = await infoUpdates(room);
    await community().people.arrive(blinded);
    expect(await infoUpdates(room)).toBe(before);
  });

  it('moves once, however many requests arrive at the same moment', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const room = await community().room('a');
    await community().moderators.changeGlobally(community().operator, unblinded, { moderator: true });
    const before = await infoUpdates(room);
    const other = await communityOn(community().url);
    const arrivals = await Promise.all(
      Array.from({ length: 10 }, (_, at) => (at % 2 ? other : community()).people.arrive(blinded)),
    ).finally(() => other.close());
    expect(new Set(arrivals.map(({ id }) => id)).size).toBe(1);
    expect(arrivals.every(({ moderator }) => moderator)).toBe(true);
    expect(await infoUpdates(room)).toBe(before + 2);
  });

  it('is found under the blinded id by everybody who names the 05 id later', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    const { id } = await community().people.arrive(blinded);
    expect(await named(unblinded)).toMatchObject({ id, sessionId: blinded });
    expect(
      await community().database.transaction((tx) => community().people.lookUp(tx, unblinded)),
    ).toMatchObject({ id });
    expect((await people()).map(({ session_id }) => session_id)).toEqual([blinded]);
    expect(await pending()).toEqual([]);
  });

  it('is moved too when a moderator names the blinded id before they arrive', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    await community().moderators.changeGlobally(community().operator, unblinded, { moderator: true });
    expect(await named(blinded)).toMatchObject({ sessionId: blinded, moderator: true, lastActiveAt: null });
    expect(await pending()).toEqual([]);
  });

  it('is moved too when the other sign is named, which nobody can tell from the real one yet', async () => {
    const { unblinded, blinded } = idsOf(accountOf(sign));
    await community().moderators.changeGlobally(community().operator, unblinded, { moderator: true });
    expect(await named(flip(blinded))).toMatchObject({ sessionId: flip(blinded), moderator: true });
    expect(await named(unblinded)).toMatchObject({ sessionId: flip(blinded) });
    expect(await pending()).toEqual([]);
  });

  it('arrives banned when they were banned, and is answered 403', async () => {
    const account = accountOf(sign);
    const { unblinded, blinded } = idsOf(account);
    await named(unblinded);
    await setBanned(unblinded);
    await expect(authenticate(account)).rejects.toMatchObject({ status: 403, text: 'Banned' });
    expect(await people()).toEqual([
      expect.objectContaining({ session_id: unblinded, banned: false }),
      expect.objectContaining({ session_id: blinded, banned: true }),
    ]);
    await expect(authenticate(account)).rejects.toMatchObject({ status: 403, text: 'Banned' });
  });

  it.each(['global', 'room'])(
    'has the %s role in the end also when naming and arrival race',
    async (kind) => {
      const room = await community().room('a');
      const other = await communityOn(community().url);
      const { moderators, operator } = other;
      for (let round = 0; round < ROUNDS; round++) {
        const { unblinded, blinded } = idsOf(accountOf(sign, round));
        const naming = () =>
          kind === 'room'
            ? moderators.changeInRooms(operator, unblinded, [room], { moderator: true })
            : moderators.changeGlobally(operator, unblinded, { moderator: true });
        await Promise.all(round % 2 ? [naming(), arrival(blinded)] : [arrival(blinded), naming()]);
      }
      await other.close();
      expect(await pending()).toEqual([]);
      const holders = await community().sql<{ session_id: string }>(
        kind === 'room'
          ? 'SELECT session_id FROM permission_overrides JOIN users ON users.id = user_id WHERE permission_overrides.moderator'
          : 'SELECT session_id FROM users WHERE moderator',
      );
      const expected = Array.from({ length: ROUNDS }, (_, round) => accountOf(sign, round).blindedId);
      expect(holders.map(({ session_id }) => session_id).sort()).toEqual(expected.sort());
    },
  );
});

const arrival = (id: SessionId) => community().people.arrive(id);

/** A whole signed request, checked as the server does. */
function authenticate(account: Account) {
  const target = '/capabilities';
  const headers = authHeaders(account, { method: 'GET', target });
  return new Authenticator({
    crypto: selectCryptoBackend('sodium'),
    serverPublicKey: account.serverPublicKey,
    blindingRequired: true,
    timestampSkewSecondsMax: 86_400,
    users: community().people,
    nonces: new MemoryNonces(),
    clock: { nowSeconds: () => Date.now() / 1000 },
  }).authenticate({
    method: 'GET',
    ...parseTarget(target),
    body: Buffer.alloc(0),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  });
}

describe('users', () => {
  it('come into being once, with their first hour as the last activity', async () => {
    const { blinded } = idsOf(accountOf('absolute'));
    const first = await community().people.arrive(blinded);
    community().clock.now += 10_000;
    expect(await community().people.arrive(blinded)).toEqual(first);
    expect(first).toMatchObject({ lastActiveAt: 1_699_999_200, banned: false, moderator: false });
  });

  it('who are only looked up do not come into being', async () => {
    const { unblinded, blinded } = idsOf(accountOf('absolute'));
    const lookUp = (id: SessionId) =>
      community().database.transaction((tx) => community().people.lookUp(tx, id));
    expect(await lookUp(unblinded)).toBeUndefined();
    expect(await lookUp(blinded)).toBeUndefined();
    expect(await community().people.find(blinded)).toBeUndefined();
    expect(await people()).toEqual([]);
  });

  it('who are named twice by the 05 id wait once', async () => {
    const { unblinded } = idsOf(accountOf('negative'));
    const [first, again] = [await named(unblinded), await named(unblinded)];
    expect(again).toEqual(first);
    expect(await pending()).toEqual([expect.objectContaining({ user_id: first.id })]);
  });

  it('wait under the absolute id, whatever the sign of the real one', async () => {
    const { unblinded, blinded } = idsOf(accountOf('negative'));
    const { id } = await named(unblinded);
    expect(await pending()).toEqual([{ absolute_id: flip(blinded), user_id: id }]);
  });

  it('who arrive do not get what waits for somebody else', async () => {
    const waiting = idsOf(accountOf('absolute', 0));
    await community().moderators.changeGlobally(community().operator, waiting.unblinded, { admin: true });
    const stranger = await community().people.arrive(idsOf(accountOf('absolute', 1)).blinded);
    expect(stranger).toMatchObject({ moderator: false, admin: false });
    expect(await pending()).toHaveLength(1);
  });

  it('with a 05 id that is the key of no account are kept, but wait for nobody', async () => {
    const nobody = `05${'ff'.repeat(32)}` as SessionId;
    expect(await named(nobody)).toMatchObject({ sessionId: nobody });
    expect(await pending()).toEqual([]);
  });

  it('move whole or not at all', async () => {
    const { unblinded, blinded } = idsOf(accountOf('negative'));
    await community().moderators.changeGlobally(community().operator, unblinded, { moderator: true });
    const room = await community().room('a');
    await appoint(unblinded, [room]);
    await community().sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not now'; END $$`);
    await community().sql(
      'CREATE TRIGGER refuse BEFORE UPDATE ON permission_overrides FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    const before = [await people(), await pending(), await infoUpdates(room)];
    await expect(community().people.arrive(blinded)).rejects.toThrow('not now');
    expect([await people(), await pending(), await infoUpdates(room)]).toEqual(before);
    await community().sql('DROP TRIGGER refuse ON permission_overrides');
    expect(await community().people.arrive(blinded)).toMatchObject({ moderator: true });
  });

  it('are refused when the id is no session id', async () => {
    const id = `15${'AB'.repeat(32)}` as SessionId;
    await expect(community().people.arrive(id)).rejects.toThrow('users_session_id_form');
  });
});
