import { BansService } from '../../libs/community/bans.service.js';
import { DirectMessagesService } from '../../libs/community/direct-messages.service.js';
import { UserModels } from '../../libs/community/read-models/user-models.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { communityOn, eachWithCommunity, type Member } from '../support/scratch-community.js';
import { tableState } from '../support/room-scene.js';

const community = eachWithCommunity();

const LIFETIME = 15 * 86_400;

let ann: Member;
let ben: Member;
beforeEach(async () => {
  [ann, ben] = [await community().member('ann'), await community().member('ben')];
});

const service = () => community().service(DirectMessagesService);
const now = () => community().clock.now;
const send = async (from: Member, to: SessionId, text = 'sealed') =>
  service().send(await community().identity(from), to, Buffer.from(text));
const list = async (owner: Member, box: 'inbox' | 'outbox', { sinceId = 0, limit = 100 } = {}) =>
  service().list(await community().identity(owner), box, { sinceId, limit });
const clear = async (owner: Member) => service().deleteReceived(await community().identity(owner));
const ids = (messages: { id: number }[]) => messages.map(({ id }) => id);
const name = (id: SessionId) => community().database.transaction((tx) => community().people.named(tx, id));

describe('a direct message', () => {
  it('is in the recipient’s inbox and in the sender’s outbox, as it was sent', async () => {
    const sent = await send(ann, ben.sessionId, 'a\0b');
    const message = {
      id: sent.id,
      sender: ann.sessionId,
      recipient: ben.sessionId,
      body: Buffer.from('a\0b'),
      postedAt: now(),
      expiresAt: now() + LIFETIME,
    };
    expect(sent).toEqual(message);
    expect(await list(ben, 'inbox')).toEqual([message]);
    expect(await list(ann, 'outbox')).toEqual([message]);
    expect([await list(ann, 'inbox'), await list(ben, 'outbox')]).toEqual([[], []]);
  });

  it('is seen by nobody else', async () => {
    await send(ann, ben.sessionId);
    const eve = await community().member('eve');
    expect([await list(eve, 'inbox'), await list(eve, 'outbox')]).toEqual([[], []]);
  });

  it('may be empty', async () => {
    await send(ann, ben.sessionId, '');
    expect(await list(ben, 'inbox')).toMatchObject([{ body: Buffer.alloc(0) }]);
  });

  it('may be to oneself', async () => {
    const { id } = await send(ann, ann.sessionId);
    expect([ids(await list(ann, 'inbox')), ids(await list(ann, 'outbox'))]).toEqual([[id], [id]]);
  });

  it('reaches whoever goes on from the last id they saw, however many are sent at one time', async () => {
    const senders = await Promise.all(
      Array.from({ length: 8 }, (_, at) => community().member(`sender ${at}`)),
    );
    const sent: number[] = [];
    const write = async (from: Member, to: Member): Promise<void> => {
      for (let at = 0; at < 40; at++) sent.push((await send(from, to.sessionId)).id);
    };
    let isOver = false;
    const follow = async (owner: Member, box: 'inbox' | 'outbox'): Promise<number[]> => {
      const seen: number[] = [];
      for (let wasOver = false; !wasOver;) {
        wasOver = isOver;
        seen.push(...ids(await list(owner, box, { sinceId: seen.at(-1) ?? 0 })));
      }
      return seen;
    };
    const writing = Promise.all(
      senders.flatMap((other) => [
        write(other, ben),
        write(ann, other),
        write(other, ann),
        write(ben, other),
      ]),
    ).finally(() => (isOver = true));
    const [inbox, outbox] = await Promise.all([follow(ben, 'inbox'), follow(ann, 'outbox'), writing]);
    expect(new Set(sent).size).toBe(8 * 4 * 40);
    expect(inbox).toEqual(ids(await list(ben, 'inbox', { limit: 1_000 })));
    expect(outbox).toEqual(ids(await list(ann, 'outbox', { limit: 1_000 })));
    expect([inbox.length, outbox.length]).toEqual([8 * 40, 8 * 40]);
  });

  it('expires after 15 days, also when nobody pruned it', async () => {
    await send(ann, ben.sessionId);
    community().clock.now += LIFETIME - 1;
    expect(await list(ben, 'inbox')).toHaveLength(1);
    community().clock.now += 1;
    expect([await list(ben, 'inbox'), await list(ann, 'outbox')]).toEqual([[], []]);
    expect(await community().value('SELECT count(*) FROM direct_messages')).toBe(1);
  });
});

describe('boxes', () => {
  it('are in the order of ids, from the one asked for, as many as asked for', async () => {
    const sent: number[] = [];
    for (let n = 0; n < 5; n++) {
      sent.push((await send(ann, ben.sessionId)).id);
      await send(ben, ann.sessionId); // another box's
    }
    expect(sent).toEqual(sent.toSorted((a, b) => a - b));
    for (const [owner, box] of [
      [ben, 'inbox'],
      [ann, 'outbox'],
    ] as const) {
      expect(ids(await list(owner, box))).toEqual(sent);
      expect(ids(await list(owner, box, { limit: 2 }))).toEqual(sent.slice(0, 2));
      expect(ids(await list(owner, box, { sinceId: sent[1]!, limit: 2 }))).toEqual(sent.slice(2, 4));
      expect(ids(await list(owner, box, { sinceId: sent[1]! - 1 }))).toEqual(sent.slice(1));
      expect(await list(owner, box, { sinceId: sent[4]! })).toEqual([]);
    }
  });
});

describe('clearing the inbox', () => {
  it('removes what one received from the senders’ outboxes too, and tells how many', async () => {
    const eve = await community().member('eve');
    await send(ann, ben.sessionId);
    await send(eve, ben.sessionId);
    const [kept, sentByBen] = [await send(ann, eve.sessionId), await send(ben, ann.sessionId)];
    expect(await clear(ben)).toBe(2);
    expect(await list(ben, 'inbox')).toEqual([]);
    expect(ids(await list(ann, 'outbox'))).toEqual([kept.id]);
    expect(await list(eve, 'outbox')).toEqual([]);
    expect(ids(await list(ben, 'outbox'))).toEqual([sentByBen.id]);
    expect(await clear(ben)).toBe(0);
  });

  it('does not count what had expired', async () => {
    await send(ann, ben.sessionId);
    community().clock.now += LIFETIME;
    await send(ann, ben.sessionId);
    expect(await clear(ben)).toBe(1);
  });
});

describe('a recipient is 404, and nothing is kept,', () => {
  const refuse = async (to: SessionId) => {
    const before = await tableState(community());
    await expect(send(ann, to)).rejects.toMatchObject({ status: 404 });
    expect(await tableState(community())).toEqual(before);
  };

  it('who was never heard of', () => refuse(community().account('nobody').blindedId as SessionId));

  it('who was named but never here', async () => {
    const id = community().account('nobody').blindedId as SessionId;
    await name(id);
    await refuse(id);
  });

  it('who is banned from the server', async () => {
    const actor = community().operator;
    await community().service(BansService).banGlobally(actor, ben.sessionId, 0);
    await refuse(ben.sessionId);
    await community().service(BansService).unbanGlobally(actor, ben.sessionId);
    await expect(send(ann, ben.sessionId)).resolves.toBeDefined();
  });

  it('the server itself', async () => {
    const id = await community().value<SessionId>(`SELECT session_id FROM users WHERE session_id LIKE 'ff%'`);
    await refuse(id);
  });
});

it('somebody who was named first can be written to, by way of any process, as soon as they were here', async () => {
  const other = await communityOn(community().url);
  try {
    const late = community().account('late').blindedId as SessionId;
    await name(late);
    const users = other.service(UserModels);
    expect(await users.find(late)).toBeUndefined();
    const arrived = await users.arrive(late);
    await expect(send(ann, late)).resolves.toBeDefined();
    expect(await users.find(late)).toMatchObject({ id: arrived.id });
  } finally {
    await other.close();
  }
});
