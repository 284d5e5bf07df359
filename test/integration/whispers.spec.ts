import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import { eachWithCommunity, signed, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity();

const PAGE = { limit: 100, reactors: 4 };
const WHO = ['author', 'moderator', 'addressee', 'addressed moderator', 'other', 'anonymous'] as const;
type Who = (typeof WHO)[number];

let room: RoomToken;
let people: Record<Exclude<Who, 'anonymous'>, Member>;
beforeEach(async () => {
  room = await community().room('lobby');
  const named = WHO.slice(0, -1).map(async (name) => [name, await community().member(name)] as const);
  people = Object.fromEntries(await Promise.all(named)) as typeof people;
  for (const name of ['author', 'moderator', 'addressed moderator'] as const)
    await community().moderators.changeInRooms(community().operator, people[name].sessionId, [room], {
      moderator: true,
    });
});

const whisper = (over: { to?: Member; mods?: boolean }) =>
  community().post(room, people.author, {
    whisper_to: over.to?.sessionId,
    ...(over.mods !== undefined && { whisper_mods: over.mods }),
  });
const accessOf = (who: Who) => community().access(room, who === 'anonymous' ? undefined : people[who]);

/** Who sees it, in each of the four ways to read. */
async function readersOf(id: number): Promise<Who[][]> {
  const seen: Who[][] = [[], [], [], []];
  for (const who of WHO) {
    const access = await accessOf(who);
    const answers = await Promise.all([
      community().messages.recent(access, PAGE),
      community().messages.before(access, PAGE, id + 1),
      community().messages.since(access, PAGE, { seqno: 0, reactionChanges: true }),
      community()
        .messages.one(access, PAGE, id)
        .then(
          (message) => [message],
          () => [],
        ),
    ]);
    answers.forEach((messages, at) => {
      if (messages.some((message) => message.id === id)) seen[at]!.push(who);
    });
  }
  return seen;
}

const MATRIX: {
  what: string;
  to?: 'addressee' | 'addressed moderator' | 'author';
  mods?: boolean;
  seenBy: Who[];
}[] = [
  { what: 'to moderators', mods: true, seenBy: ['author', 'moderator', 'addressed moderator'] },
  { what: 'to a user', to: 'addressee', seenBy: ['author', 'addressee'] },
  {
    what: 'to a user, said to be not to moderators',
    to: 'addressee',
    mods: false,
    seenBy: ['author', 'addressee'],
  },
  { what: 'to a moderator', to: 'addressed moderator', seenBy: ['author', 'addressed moderator'] },
  {
    what: 'to a user and moderators',
    to: 'addressee',
    mods: true,
    seenBy: ['author', 'moderator', 'addressee', 'addressed moderator'],
  },
  { what: 'to oneself', to: 'author', seenBy: ['author'] },
];

describe('a whisper', () => {
  it.each(MATRIX)('$what is seen by nobody but: $seenBy', async ({ to, mods, seenBy }) => {
    const { id } = await whisper({ ...(to && { to: people[to] }), ...(mods !== undefined && { mods }) });
    expect(await readersOf(id)).toEqual([seenBy, seenBy, seenBy, seenBy]);
  });

  it.each(MATRIX)(
    '$what leaves a tombstone for the same people, with its fields',
    async ({ to, mods, seenBy }) => {
      const { id, seqno } = await whisper({
        ...(to && { to: people[to] }),
        ...(mods !== undefined && { mods }),
      });
      const identity = await community().identity(people.author);
      await community().deletions.deleteOne(identity, await accessOf('author'), id);
      const told: Who[] = [];
      for (const who of WHO) {
        const changes = await community().messages.since(await accessOf(who), PAGE, {
          seqno,
          reactionChanges: false,
        });
        if (changes.length > 0) told.push(who);
        for (const change of changes)
          expect(change).toMatchObject({
            deleted: true,
            whisper: true,
            whisper_mods: mods ?? false,
            ...(to && { whisper_to: people[to].sessionId }),
          });
      }
      expect(told).toEqual(seenBy);
    },
  );

  it('says to whom it is', async () => {
    const toMods = await whisper({ mods: true });
    expect(toMods).toMatchObject({ whisper: true, whisper_mods: true });
    expect(toMods).not.toHaveProperty('whisper_to');
    const toUser = await whisper({ to: people.addressee });
    expect(toUser).toMatchObject({
      whisper: true,
      whisper_mods: false,
      whisper_to: people.addressee.sessionId,
    });
    expect(await community().messages.one(await accessOf('addressee'), PAGE, toUser.id)).toEqual(toUser);
  });

  it('takes an id and a number like any message', async () => {
    expect((await whisper({ mods: true })).seqno).toBe(1);
    expect((await community().post(room, people.other, 'public')).seqno).toBe(2);
  });

  it('is no longer seen by an author who is no moderator any more, unless addressed', async () => {
    const { id } = await whisper({ mods: true });
    await community().moderators.changeInRooms(community().operator, people.author.sessionId, [room], {
      moderator: false,
    });
    expect((await readersOf(id))[0]).toEqual(['moderator', 'addressed moderator']);
  });

  it('may go to somebody who was never here', async () => {
    const stranger = community().account('stranger').blindedId as SessionId;
    const { id } = await community().post(room, people.author, { whisper_to: stranger });
    const arrived = await community().member('stranger');
    const access = await community().access(room, arrived);
    expect(await community().messages.one(access, PAGE, id)).toMatchObject({ whisper_to: stranger });
  });

  it('to a 05 id that was never here is read by its owner, who comes with a blinded one', async () => {
    const account = community().account('stranger');
    const moderated = await accessOf('moderator');
    const { id, seqno } = await community().post(room, people.author, {
      whisper_to: account.sessionId as SessionId,
      whisper_mods: true,
    });
    expect(await community().messages.recent(moderated, PAGE)).toMatchObject([
      { whisper_to: account.sessionId },
    ]);
    const arrived = await community().member('stranger');
    const access = await community().access(room, arrived);
    const read = { id, seqno, whisper_to: arrived.sessionId };
    expect(await community().messages.recent(access, PAGE)).toMatchObject([read]);
    expect(await community().messages.since(access, PAGE, { seqno: 0, reactionChanges: true })).toMatchObject(
      [read],
    );
    expect(await community().messages.recent(moderated, PAGE)).toMatchObject([read]);
  });

  it.each(['whisper_to', 'whisper_mods'])(
    'is refused to somebody who is no moderator (%s)',
    async (field) => {
      const post = { [field]: field === 'whisper_to' ? people.author.sessionId : true };
      await expect(community().post(room, people.other, post)).rejects.toMatchObject({ status: 403 });
      expect(await community().value('SELECT message_sequence FROM rooms')).toBe(0);
    },
  );

  it('may be edited by its author, and stays a whisper', async () => {
    const { id } = await whisper({ to: people.addressee });
    const identity = await community().identity(people.author);
    await community().posts.edit(identity, await accessOf('author'), id, signed(people.author, 'new'));
    expect((await readersOf(id))[0]).toEqual(['author', 'addressee']);
  });
});
