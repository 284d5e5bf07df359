import { effectivePermissions } from '../../libs/community/room-access.js';
import type { Identity } from '../../libs/auth/identity.js';
import type { OverrideRecord } from '../../libs/storage/permissions.repository.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const FLAGS = ['accessible', 'read', 'write', 'upload'] as const;
type Flag = (typeof FLAGS)[number];
type Four<Value> = Record<Flag, Value>;

/** All ways to give each of the four flags one of these values. */
function combinations<Value>(values: readonly Value[]): Four<Value>[] {
  return FLAGS.reduce<Partial<Four<Value>>[]>(
    (made, flag) => made.flatMap((each) => values.map((value) => ({ ...each, [flag]: value }))),
    [{}],
  ) as Four<Value>[];
}

const DEFAULTS = combinations([true, false]);
const OVERRIDES = combinations([true, false, null]);
const NOTHING: Four<null> = { accessible: null, read: null, write: null, upload: null };
const EVERYTHING: Four<boolean> = { accessible: true, read: true, write: true, upload: true };
const NONE: Four<boolean> = { accessible: false, read: false, write: false, upload: false };

const roomWith = (defaults: Four<boolean>) => ({
  defaultAccessible: defaults.accessible,
  defaultRead: defaults.read,
  defaultWrite: defaults.write,
  defaultUpload: defaults.upload,
});
const identityWith = (flags: Partial<Identity['user']> = {}): Identity => ({
  user: { id: 1, sessionId: '15' as SessionId, banned: false, moderator: false, admin: false, ...flags },
  blinded: true,
  publicKey: Buffer.alloc(32),
});
const rowWith = (over: Partial<OverrideRecord> = {}): OverrideRecord => ({
  banned: false,
  moderator: false,
  admin: false,
  visibleMod: true,
  ...NOTHING,
  ...over,
});

/** For every room and every set of overrides at once: the cases in which the answer is another. */
function otherThan(
  expected: (defaults: Four<boolean>, override: Four<boolean | null>) => Four<boolean>,
  role: { global?: Partial<Identity['user']>; room?: Partial<OverrideRecord> },
): unknown[] {
  return DEFAULTS.flatMap((defaults) =>
    OVERRIDES.flatMap((override) => {
      const row = rowWith({ ...override, ...role.room });
      const { accessible, read, write, upload } = effectivePermissions(
        roomWith(defaults),
        row,
        identityWith(role.global),
      );
      const wanted = expected(defaults, override);
      const same =
        accessible === wanted.accessible &&
        read === wanted.read &&
        write === wanted.write &&
        upload === wanted.upload;
      return same ? [] : [{ defaults, override, wanted }];
    }),
  );
}

describe('effective permissions, for every room and every set of overrides', () => {
  it('of an ordinary user: the override, else the default; read opens the room; upload needs write', () => {
    const own = (defaults: Four<boolean>, override: Four<boolean | null>): Four<boolean> => {
      const flag = (name: Flag) => (override[name] === null ? defaults[name] : override[name]);
      return {
        read: flag('read'),
        write: flag('write'),
        accessible: flag('accessible') || flag('read'),
        upload: flag('upload') && flag('write'),
      };
    };
    expect(otherThan(own, {})).toEqual([]);
  });

  it.each([
    ['moderator here', { room: { moderator: true } }],
    ['admin here', { room: { moderator: true, admin: true } }],
    ['moderator everywhere', { global: { moderator: true } }],
    ['admin everywhere', { global: { moderator: true, admin: true } }],
    ['moderator everywhere, banned here', { global: { moderator: true }, room: { banned: true } }],
  ])('of a %s: everything', (_, role) => expect(otherThan(() => EVERYTHING, role)).toEqual([]));

  it.each([
    ['here', { room: { banned: true } }],
    ['everywhere', { global: { banned: true } }],
  ])('of somebody banned %s: nothing', (_, role) => expect(otherThan(() => NONE, role)).toEqual([]));
});

describe('effective permissions', () => {
  it('of somebody anonymous are the defaults of the room', () => {
    for (const defaults of DEFAULTS) {
      expect(effectivePermissions(roomWith(defaults), undefined, undefined)).toEqual({
        read: defaults.read,
        write: defaults.write,
        accessible: defaults.accessible || defaults.read,
        upload: defaults.upload && defaults.write,
        moderator: false,
        admin: false,
        globalModerator: false,
        globalAdmin: false,
      });
    }
  });

  it.each([
    { who: 'moderator here', global: {}, room: { moderator: true }, roles: [true, false, false, false] },
    {
      who: 'admin here',
      global: {},
      room: { moderator: true, admin: true },
      roles: [true, true, false, false],
    },
    { who: 'moderator everywhere', global: { moderator: true }, room: {}, roles: [true, false, true, false] },
    {
      who: 'admin everywhere',
      global: { moderator: true, admin: true },
      room: {},
      roles: [true, true, true, true],
    },
    {
      who: 'moderator everywhere and admin here',
      global: { moderator: true },
      room: { moderator: true, admin: true },
      roles: [true, true, true, false],
    },
    { who: 'nobody special', global: {}, room: { read: false }, roles: [false, false, false, false] },
  ])('say what a $who is', ({ global, room, roles }) => {
    const given = effectivePermissions(roomWith(EVERYTHING), rowWith(room), identityWith(global));
    expect([given.moderator, given.admin, given.globalModerator, given.globalAdmin]).toEqual(roles);
  });
});

describe('a room opened for somebody', () => {
  const community = eachWithCommunity();

  it('has their own row in that room, and nobody else’s', async () => {
    const [a, b] = [await community().room('a'), await community().room('b')];
    const [ann, ben] = [await community().member('ann'), await community().member('ben')];
    await community().sql(
      `INSERT INTO permission_overrides (room_id, user_id, write) SELECT id, $1, false FROM rooms WHERE token = 'a'`,
      [ann.id],
    );
    expect(await community().access(a, ann)).toMatchObject({
      userId: ann.id,
      read: true,
      write: false,
      upload: false,
    });
    expect(await community().access(b, ann)).toMatchObject({ write: true, upload: true });
    expect(await community().access(a, ben)).toMatchObject({ userId: ben.id, write: true });
    expect(await community().access(a)).toMatchObject({ userId: undefined, write: true });
  });

  it('is not there under an unknown token', async () => {
    await community().room('a');
    expect(await community().rooms.open('b' as never, undefined)).toBeUndefined();
  });
});
