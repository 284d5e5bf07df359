import { ReadModels } from '../../libs/community/read-models/read-models.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import {
  communityOn,
  eachWithCommunity,
  signed,
  type Community,
  type Member,
} from '../support/scratch-community.js';

jest.setTimeout(180_000);

const WRITERS = 8;
const READERS = 3;
const CHANGES_PER_WRITER = 60;
const config = { rateLimit: { posts: 0, windowSeconds: 16 } };
const community = eachWithCommunity({ config });

interface Change {
  id: number;
  seqno: number;
}

/** Posts, edits and deletes in turn, mostly its own; the numbers of the posts as they were answered. */
async function write(by: Community, room: RoomToken, member: Member): Promise<Change[]> {
  const posted: Change[] = [];
  const living: number[] = [];
  const [identity, access] = [await by.identity(member), await by.access(room, member)];
  for (let at = 0; at < CHANGES_PER_WRITER; at++) {
    const kind = living.length > 2 ? at % 4 : 0;
    if (kind === 1) await by.posts.edit(identity, access, living[0]!, signed(member, `edit ${at}`));
    else if (kind === 2) await by.deletions.deleteOne(identity, access, living.shift()!);
    else {
      const post = await by.posts.post(identity, access, signed(member, `post ${at}`));
      posted.push({ id: post.id, seqno: post.seqno });
      living.push(post.id);
    }
  }
  return posted;
}

/** Polls as a client does, from the last number it saw, until it was told that no more comes and nothing does. */
async function follow(by: Community, room: RoomToken, isOver: () => boolean): Promise<Change[]> {
  const seen: Change[] = [];
  const access = await by.access(room);
  for (let last = 0; ;) {
    const over = isOver();
    const page = await by.messages.since(
      access,
      { limit: 7, reactors: 0 },
      { seqno: last, reactionChanges: true },
    );
    seen.push(...page.map(({ id, seqno }) => ({ id, seqno })));
    if (page.length === 0 && over) return seen;
    last = page.at(-1)?.seqno ?? last;
  }
}

/** A change bus that loses nothing; test/integration/lossy-bus.spec.ts has one that does. */
const tell = (from: Community, to: Community): void =>
  from.database.onCommitted((changes) => to.service(ReadModels).apply(changes));

describe('eight who write in one room from two processes', () => {
  it('are followed without a gap by everybody who polls', async () => {
    const other = await communityOn(community().url, { config });
    const both = [community(), other];
    tell(community(), other);
    tell(other, community());
    const room = await community().room('busy');
    const members = await Promise.all(
      Array.from({ length: WRITERS }, (_, n) => community().member(`writer ${n}`)),
    );
    let over = false;
    const readers = Array.from({ length: READERS }, (_, n) => follow(both[n % 2]!, room, () => over));
    const writers = members.map((member, n) => write(both[n % 2]!, room, member));
    const writing = Promise.all(writers).finally(() => (over = true));
    const [posts, seen] = await Promise.all([writing, Promise.all(readers)]);
    await other.close();

    const final = await community().sql<Change & { created: number; deleted: boolean }>(
      'SELECT id, seqno, seqno_creation AS created, data IS NULL AS deleted FROM messages ORDER BY seqno',
    );
    const most = await community().value<number>('SELECT message_sequence FROM rooms');
    expect(most).toBe(WRITERS * CHANGES_PER_WRITER);
    expect(final.at(-1)!.seqno).toBe(most);
    for (const changes of seen) {
      const numbers = changes.map(({ seqno }) => seqno);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      // Whoever saw a message saw its last change; whoever did not missed nothing but its tombstone.
      const lastSeen = new Map(changes.map(({ id, seqno }) => [id, seqno]));
      const missed = final.filter(
        ({ id, seqno, deleted }) => lastSeen.get(id) !== seqno && (!deleted || lastSeen.has(id)),
      );
      expect(missed).toEqual([]);
    }
    const created = final.toSorted((a, b) => a.created - b.created);
    expect(created.map(({ id }) => id)).toEqual(created.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(posts.flat().toSorted((a, b) => a.id - b.id)).toEqual(
      created.map(({ id, created: seqno }) => ({ id, seqno })),
    );
  });
});
