import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import { BansService } from '../../libs/community/bans.service.js';
import { DirectMessagesService } from '../../libs/community/direct-messages.service.js';
import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import { RaidsService } from '../../libs/community/raids.service.js';
import { ScheduledChangesService } from '../../libs/community/scheduled-changes.service.js';
import type { Change } from '../../libs/protocol/change.js';
import { RoomScene } from '../support/room-scene.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';

jest.setTimeout(180_000);

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

interface RoomRow {
  id: number;
  /** All of it but what counts messages. */
  rest: string;
  messages: number;
}

interface State {
  rooms: Map<number, RoomRow>;
  users: string;
  rules: string;
  mail: number;
}

async function state(): Promise<State> {
  const rooms = await community().sql<RoomRow>(
    `SELECT id, (to_jsonb(rooms) - 'message_sequence')::text AS rest, message_sequence AS messages FROM rooms`,
  );
  return {
    rooms: new Map(rooms.map((room) => [room.id, room])),
    users: await community().value('SELECT users_version::text FROM server_state'),
    rules: await community().value('SELECT rules_version::text FROM server_state'),
    mail: await community().value('SELECT coalesce(max(id), 0) FROM direct_messages'),
  };
}

/** What has to be told when the first became the second. */
function due(before: State, after: State): string[] {
  const changes: string[] = [];
  for (const id of new Set([...before.rooms.keys(), ...after.rooms.keys()])) {
    const [old, now] = [before.rooms.get(id), after.rooms.get(id)];
    if (!old) continue; // one that is new is in nobody's memory
    if (old.rest !== now?.rest) changes.push(`room ${id}`);
    if (now && old.messages !== now.messages) changes.push(`messages ${id} ${now.messages}`);
  }
  if (before.users !== after.users) changes.push('users');
  if (before.rules !== after.rules) changes.push('rules');
  if (before.mail !== after.mail) changes.push(`mail ${after.mail}`);
  return changes;
}

const nameOf = (change: Change): string =>
  change.kind === 'room'
    ? `room ${change.roomId}`
    : change.kind === 'messages'
      ? `messages ${change.roomId} ${change.sequence}`
      : change.kind === 'mail'
        ? `mail ${change.id}`
        : change.kind;

interface Stage {
  scene: RoomScene;
  admin: Member;
  ann: Member;
  ben: Member;
  /** A message of Ann's. */
  id: number;
}

const bans = () => community().service(BansService);
const operator = () => community().operator;
const update = ({ scene }: Stage, settings: Parameters<ReturnType<typeof community>['rooms']['update']>[2]) =>
  community().rooms.update(operator(), scene.token, settings);
const rules = () => community().service(ModerationRulesService);
const filter = (token: RoomToken | undefined) =>
  rules().change(operator(), token, 'filters', () => ({
    profanity: { words: [`word${Math.random()}`], silent: true },
  }));

/** Everything that changes what is kept in memory. */
const ACTIONS: Record<string, (stage: Stage) => Promise<unknown>> = {
  post: ({ scene, ann }) => scene.post(ann),
  'post with a file': async ({ scene, ann }) => scene.post(ann, { files: [await scene.upload(ann)] }),
  whisper: ({ scene, admin, ann }) => scene.post(admin, { whisper_to: ann.sessionId }),
  edit: ({ scene, ann, id }) => scene.edit(ann, id, 'other words'),
  'sign again': ({ scene, ann, id }) => scene.edit(ann, id, 'hello'),
  delete: ({ scene, ann, id }) => scene.delete(ann, id),
  'delete all': ({ scene, admin, ann }) => scene.deleteAll(admin, ann),
  react: ({ scene, ann, id }) => scene.react(ann, id, '👍'),
  clear: async ({ scene, admin, ann, id }) => {
    await scene.react(ann, id, '👍');
    await scene.clear(admin, id);
  },
  pin: ({ scene, admin, id }) => scene.pin(admin, id),
  unpin: async ({ scene, admin, id }) => {
    await scene.pin(admin, id);
    await scene.unpin(admin, id);
  },
  'delete a pinned message': async ({ scene, admin, ann, id }) => {
    await scene.pin(admin, id);
    await scene.delete(ann, id);
  },
  rename: (stage) => update(stage, { name: 'Renamed' }),
  'change a default': (stage) => update(stage, { defaultWrite: false }),
  'change the retention': (stage) => update(stage, { retentionDays: 7 }),
  'set an image': async ({ scene, ann }) => scene.setImage(await scene.upload(ann)),
  'delete the room': ({ scene }) => community().rooms.delete(operator(), scene.token),
  appoint: ({ scene, ben }) => scene.appoint(ben, { moderator: true }),
  'hide a moderator': ({ scene, admin }) => scene.appoint(admin, { admin: true, visible: false }),
  'appoint for the whole server': ({ ben }) =>
    community().moderators.changeGlobally(operator(), ben.sessionId, { moderator: true }),
  ban: ({ scene, admin, ben }) => scene.ban(admin, ben),
  unban: async ({ scene, admin, ben }) => {
    await scene.ban(admin, ben);
    await scene.unban(admin, ben);
  },
  'ban from the whole server': ({ scene, ben }) => scene.banGlobally(ben),
  'unban on the whole server': async ({ scene, ben }) => {
    await scene.banGlobally(ben);
    await bans().unbanGlobally(operator(), ben.sessionId);
  },
  override: ({ scene, ben }) => scene.override(ben, { write: false }),
  'apply a scheduled override': async ({ scene, ben }) => {
    await scene.schedule(ben, { write: false }, 10);
    community().clock.now += 20;
    await community().service(ScheduledChangesService).applyDue();
  },
  'apply a scheduled unban': async ({ ben }) => {
    await bans().banGlobally(operator(), ben.sessionId, 10);
    community().clock.now += 20;
    await community().service(ScheduledChangesService).applyDue();
  },
  'move what waited for somebody': async ({ scene }) => {
    const account = community().account(`waiting for ${scene.token}`);
    const unblinded = account.sessionId as SessionId;
    await community().moderators.changeInRooms(operator(), unblinded, [scene.token], { moderator: true });
    await community().moderators.changeGlobally(operator(), unblinded, { admin: true });
    await community().people.arrive(account.blindedId as SessionId);
  },
  'close to newcomers, and open again': async ({ scene }) => {
    const room = (await community().access(scene.token)).room;
    const finding = {
      rule: 'raid',
      action: 'reject',
      notify: false,
      dryRun: false,
      detail: { lockSeconds: 5 },
    } as const;
    await community().service(RaidsService).close(room, finding, 'joins');
    community().clock.now += 10;
    await community().service(RaidsService).open();
  },
  'count active users': async ({ scene, ann }) => {
    community().activity.visited((await community().access(scene.token)).room.id, ann.id);
    await community().activity.flush();
    await community().service(HousekeepingService).run();
  },
  'retire old messages': async (stage) => {
    await update(stage, { retentionDays: 1 });
    community().clock.now += 2 * 86_400;
    await community().service(HousekeepingService).run();
  },
  'change rules of the server': () => filter(undefined),
  'change rules of a room': ({ scene }) => filter(scene.token),
  'send a direct message': async ({ ann, ben }) => {
    community().activity.seen(ben.id);
    await community().activity.flush();
    await community()
      .service(DirectMessagesService)
      .send(await community().identity(ann), ben.sessionId, Buffer.from('sealed'));
  },
};

describe('a change of what is kept in memory is told', () => {
  const told: Change[] = [];
  beforeAll(() => community().database.onCommitted((changes) => void told.push(...changes)));

  it.each(Object.keys(ACTIONS))('%s', async (name) => {
    const scene = await RoomScene.of(community(), 'told');
    const [ann, ben] = [await scene.member('ann'), await scene.member('ben')];
    const admin = await scene.member('admin', { admin: true });
    const { id } = await scene.post(ann, 'hello');
    const before = await state();
    told.length = 0;
    await ACTIONS[name]!({ scene, admin, ann, ben, id });
    const wanted = due(before, await state());
    expect(wanted).not.toEqual([]);
    expect(told.map(nameOf)).toEqual(expect.arrayContaining(wanted));
  });
});
