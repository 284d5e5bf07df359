import fc from 'fast-check';
import type { Client } from 'pg';
import { MessagesService, type After, type Page } from '../../libs/community/messages.service.js';
import { MessageWindows } from '../../libs/community/read-models/message-windows.js';
import { MISSED } from '../../libs/protocol/change.js';
import { ReadModels } from '../../libs/community/read-models/read-models.js';
import { MessagesRepository } from '../../libs/storage/messages.repository.js';
import { WireError } from '../../libs/protocol/errors.js';
import { RoomScene } from '../support/room-scene.js';
import { allWithCommunity, communityOn, signed, type Member } from '../support/scratch-community.js';
import { connect } from '../support/scratch-database.js';
import { sessionMessage } from '../support/session-client.js';

jest.setTimeout(300_000);

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

/** Another process, which tells nobody what it does. */
let elsewhere: Client;
beforeAll(async () => (elsewhere = await connect(community().url)));
afterAll(() => elsewhere.end());

const RUNS = 25;
const EMOJI = ['👍', '__proto__', '1', 'a/b"'];
const PAGES: Page[] = [
  { limit: 1, reactors: 4 },
  { limit: 3, reactors: 0 },
  { limit: 256, reactors: 2 },
  { limit: 256, reactors: 20 },
];

/** A room whose messages are in memory from its first one on. */
async function watchedRoom(): Promise<RoomScene> {
  const scene = await RoomScene.of(community(), 'window');
  const author = await scene.member('first');
  await scene.post(author, 'first');
  await sinceJson(scene, undefined, PAGES[3]!, { seqno: 0, reactionChanges: true });
  return scene;
}

const messages = (): MessagesService => community().service(MessagesService);
const access = (scene: RoomScene, member: Member | undefined) => community().access(scene.token, member);
const sinceJson = async (scene: RoomScene, member: Member | undefined, page: Page, after: After) =>
  messages().sinceJson(await access(scene, member), page, after);
const recentJson = async (scene: RoomScene, member: Member | undefined, page: Page) =>
  messages().recentJson(await access(scene, member), page);

/** How often messages were asked for in the database meanwhile, beside what is loaded into memory. */
async function askedFor<Result>(work: () => Promise<Result>): Promise<{ result: Result; asked: number }> {
  const { statementCounts } = community().database;
  const count = (): number =>
    ['messages.since', 'messages.recent'].reduce((sum, name) => sum + (statementCounts.get(name) ?? 0), 0);
  const before = count();
  const result = await work();
  return { result, asked: count() - before };
}

/** Answers from memory and from the database are the same bytes. Returns how many came from memory. */
async function expectSame(
  scene: RoomScene,
  readers: readonly (Member | undefined)[],
  from: readonly number[],
) {
  let fromMemory = 0;
  for (const member of readers) {
    const now = await access(scene, member);
    for (const page of PAGES) {
      const recent = await askedFor(() => messages().recentJson(now, page));
      expect(recent.result.toString()).toBe(JSON.stringify(await messages().recent(now, page)));
      fromMemory += recent.asked === 0 ? 1 : 0;
      for (const seqno of from)
        for (const reactionChanges of [true, false]) {
          const after = { seqno, reactionChanges };
          const since = await askedFor(() => messages().sinceJson(now, page, after));
          expect(since.result.toString()).toBe(JSON.stringify(await messages().since(now, page, after)));
          fromMemory += since.asked === 0 ? 1 : 0;
        }
    }
  }
  return fromMemory;
}

/** A post that a silent filter takes. */
async function hidden(scene: RoomScene, { id }: Member): Promise<void> {
  const { room } = await access(scene, undefined);
  const content = { data: Buffer.from('hidden'), dataSize: 10, signature: Buffer.alloc(64) };
  const message = {
    ...content,
    roomId: room.id,
    authorId: id,
    postedAt: 1,
    whisperToId: null,
    whisperMods: false,
  };
  await community()
    .service(MessagesRepository)
    .insert({ ...message, filtered: true });
}

/** Many messages in one statement, numbered as if they had been posted one by one. */
async function fill(scene: RoomScene, author: Member, count: number): Promise<void> {
  const { room } = await access(scene, undefined);
  await elsewhere.query(
    `WITH room AS (
       UPDATE rooms SET message_sequence = message_sequence + $3 WHERE id = $1 RETURNING message_sequence - $3 AS base)
     INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
     SELECT $1, $2, n, base + n, base + n, 'x', 10, decode(repeat('00', 64), 'hex')
     FROM room, generate_series(1, $3) AS n ORDER BY n`,
    [room.id, author.id, count],
  );
  community().service(ReadModels).apply([MISSED]);
}

interface Action {
  kind:
    | 'post'
    | 'whisper'
    | 'hide'
    | 'edit'
    | 'sign again'
    | 'delete'
    | 'delete all'
    | 'react'
    | 'unreact'
    | 'clear'
    | 'pin';
  user: number;
  target: number;
  emoji: number;
  toMods: boolean;
}
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('post' as const, 'react' as const) },
    { weight: 3, arbitrary: fc.constantFrom('whisper' as const, 'edit' as const, 'delete' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'hide' as const,
        'sign again' as const,
        'delete all' as const,
        'unreact' as const,
        'clear' as const,
        'pin' as const,
      ),
    },
  ),
  user: fc.nat(3),
  target: fc.nat(4),
  emoji: fc.nat(EMOJI.length - 1),
  toMods: fc.boolean(),
});

interface Post {
  id: number;
  author: Member;
  text: string;
}

/** The same text, padded further: that takes no number. */
async function signAgain(scene: RoomScene, { id, author, text }: Post): Promise<void> {
  const { identity, access: now } = await scene.as(author);
  const padded = Buffer.concat([sessionMessage(text), Buffer.alloc(160)]);
  await scene.community.posts.edit(identity, now, id, signed(author, padded));
}

/** Somebody does something; what is not possible is refused, and that is fine. */
async function act(
  scene: RoomScene,
  people: readonly Member[],
  posts: Post[],
  { kind, user, target, emoji, toMods }: Action,
): Promise<void> {
  const [member, moderator] = [people[user]!, people[emoji % 2]!];
  const post = posts.at(-1 - target);
  const text = `${kind} ${posts.length}`;
  if (kind === 'post') {
    const { id } = await scene.post(member, text);
    return void posts.push({ id, author: member, text });
  }
  if (kind === 'whisper') {
    const whisper = toMods ? { whisper_mods: true } : { whisper_to: member.sessionId };
    const { id } = await scene.post(moderator, whisper);
    return void posts.push({ id, author: moderator, text: '' });
  }
  if (!post) return;
  const { id } = post;
  const work = {
    hide: () => hidden(scene, member),
    edit: async () => {
      await scene.edit(member, id, text);
      post.text = text;
    },
    'sign again': () => signAgain(scene, post),
    delete: () => scene.delete(member, id),
    'delete all': () => scene.deleteAll(moderator, member),
    react: () => scene.react(member, id, EMOJI[emoji]!),
    unreact: () => scene.unreact(member, id, EMOJI[emoji]!),
    clear: () => scene.clear(moderator, id, toMods ? EMOJI[emoji] : undefined),
    pin: () => scene.pin(moderator, id),
  }[kind];
  await work();
}

describe('messages in memory', () => {
  it('are byte for byte what the database has, for everybody, whatever was done', async () => {
    let fromMemory = 0;
    const story = fc.array(fc.array(action, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        const scene = await watchedRoom();
        const moderator = await scene.member('moderator', { admin: true });
        const another = await scene.member('another moderator', { admin: true });
        const people = [moderator, another, await scene.member('ann'), await scene.member('ben')];
        const posts: Post[] = [];
        for (const actions of rounds) {
          for (const each of actions)
            await act(scene, people, posts, each).catch((error: unknown) => {
              if (!(error instanceof WireError)) throw error;
            });
          const { messageSequence } = await scene.counters();
          const from = [messageSequence - 1, messageSequence - 3, Math.floor(messageSequence / 2), 0];
          fromMemory += await expectSame(
            scene,
            [undefined, ...people],
            from.filter((seqno) => seqno >= 0),
          );
        }
      }),
      { numRuns: RUNS },
    );
    expect(fromMemory).toBeGreaterThan(RUNS * 20);
  });

  it('need no database once they are there, but for whom is long away', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    for (let count = 0; count < 10; count++) await scene.post(ann, `message ${count}`);
    const before = await recentJson(scene, ann, PAGES[3]!);
    const { asked } = await askedFor(async () => {
      expect(await recentJson(scene, undefined, PAGES[3]!)).toBe(before);
      for (let seqno = 1; seqno < 11; seqno++)
        await sinceJson(scene, ann, PAGES[3]!, { seqno, reactionChanges: true });
    });
    expect(asked).toBe(0);
    const longAway = await askedFor(() =>
      sinceJson(scene, ann, PAGES[3]!, { seqno: 0, reactionChanges: true }),
    );
    expect(longAway.asked).toBe(1);
  });

  it('are loaded once, however many ask at the same time', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    await scene.post(ann, 'second');
    const { statementCounts } = community().database;
    const loads = (): number =>
      ['message-windows.changes', 'message-windows.recent'].reduce(
        (sum, name) => sum + (statementCounts.get(name) ?? 0),
        0,
      );
    const before = loads();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        n % 2 === 0
          ? recentJson(scene, ann, PAGES[3]!)
          : sinceJson(scene, ann, PAGES[3]!, { seqno: 1, reactionChanges: true }),
      ),
    );
    expect(loads() - before).toBe(2);
  });

  it('are bounded in number: older changes and messages are the database’s', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    await sinceJson(scene, ann, PAGES[3]!, { seqno: 0, reactionChanges: true });
    await recentJson(scene, ann, PAGES[3]!);
    for (let round = 0; round < 7; round++) {
      await fill(scene, ann, 100);
      await expectSame(scene, [ann], [(await scene.counters()).messageSequence - 2]);
    }
    const { messageSequence } = await scene.counters();
    const page = { limit: 256, reactors: 4 };
    const asked = async (seqno: number): Promise<number> =>
      (await askedFor(() => sinceJson(scene, ann, page, { seqno, reactionChanges: true }))).asked;
    expect(await asked(messageSequence - 255)).toBe(0);
    expect(await asked(messageSequence - 256)).toBe(1); // a full page
    expect(await asked(1)).toBe(1);
    await expectSame(scene, [ann], [messageSequence - 200, messageSequence - 300, messageSequence - 600]);
  });

  it('start over when more happened at once than is kept', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    await recentJson(scene, ann, PAGES[3]!);
    await fill(scene, ann, 600);
    const { messageSequence } = await scene.counters();
    await expectSame(scene, [ann, undefined], [messageSequence - 1, messageSequence - 10, 0]);
    await scene.post(ann, 'after it');
    const { asked } = await askedFor(() =>
      sinceJson(scene, ann, PAGES[3]!, { seqno: messageSequence, reactionChanges: true }),
    );
    expect(asked).toBe(0);
  });

  it('with very many reactions tell people without an identity, and the others ask', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    const { id } = await scene.post(ann, 'popular');
    await scene.react(ann, id, '👍');
    await community().sql(
      `WITH fans AS (INSERT INTO users (session_id, created_at)
         SELECT '15' || lpad(to_hex(n + ${id} * 10000), 64, '0'), 0 FROM generate_series(1, 1100) AS n RETURNING id)
       INSERT INTO reactors (reaction_id, user_id, reacted_at)
         SELECT reactions.id, fans.id, 1 FROM reactions, fans WHERE message_id = ${id}`,
    );
    const page = PAGES[3]!;
    expect((await askedFor(() => recentJson(scene, undefined, page))).asked).toBe(0);
    expect((await askedFor(() => recentJson(scene, ann, page))).asked).toBe(1);
    await expectSame(scene, [ann, undefined], [1, 2]);
  });

  it('of other processes are seen after a look, signatures made anew too', async () => {
    const scene = await watchedRoom();
    const other = await communityOn(community().url, { readModels: false });
    try {
      const ann = await scene.member('ann');
      const there = RoomScene.at(other, scene.token);
      const { id } = await there.post(ann, 'elsewhere');
      community().service(ReadModels).apply([MISSED]);
      await recentJson(scene, ann, PAGES[3]!);
      await signAgain(there, { id, author: ann, text: 'elsewhere' });
      community().service(ReadModels).apply([MISSED]);
      await expectSame(scene, [ann], [1, 2]);
      await there.post(ann, 'and another');
      community().service(ReadModels).apply([MISSED]);
      await expectSame(scene, [ann], [1, 2]);
    } finally {
      await other.close();
    }
  });

  it('go with their room', async () => {
    const scene = await watchedRoom();
    const ann = await scene.member('ann');
    await fill(scene, ann, 50);
    const windows = community().service(MessageWindows);
    const before = windows.bytes;
    await recentJson(scene, ann, PAGES[3]!);
    expect(windows.bytes).toBeGreaterThan(before);
    await community().rooms.delete(community().operator, scene.token);
    expect(await community().rooms.open(scene.token, undefined)).toBeUndefined();
    expect(windows.bytes).toBeLessThan(before);
  });
});
