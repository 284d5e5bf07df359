import fc from 'fast-check';
import { DirectMessagesService, type Box } from '../../libs/community/direct-messages.service.js';
import { MISSED } from '../../libs/protocol/change.js';
import { ReadModels } from '../../libs/community/read-models/read-models.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { DirectMessagesRepository } from '../../libs/storage/direct-messages.repository.js';
import { allWithCommunity, communityOn, type Community, type Member } from '../support/scratch-community.js';

jest.setTimeout(180_000);

const community = allWithCommunity();
/** Another process, from which nothing is heard but what is in the database. */
let other: Community;
beforeAll(async () => (other = await communityOn(community().url, { readModels: false })));
afterAll(() => other.close());

const BOXES: readonly Box[] = ['inbox', 'outbox'];
const LIFETIME_SECONDS = 15 * 86_400;

let people: Member[];
let names = 0;
beforeEach(async () => {
  names++;
  people = await Promise.all(['ann', 'ben', 'eve'].map((name) => community().member(`${name} ${names}`)));
  await community().activity.flush();
  community().service(ReadModels).apply([MISSED]);
});

async function list(member: Member, box: Box, sinceId: number): Promise<number[]> {
  const owner = await community().identity(member);
  const found = await community().service(DirectMessagesService).list(owner, box, { sinceId, limit: 256 });
  return found.map(({ id }) => id);
}

async function stored(member: Member, box: Box, sinceId: number): Promise<number[]> {
  const page = { sinceId, limit: 256, now: community().clock.nowSeconds() };
  const found = await community().service(DirectMessagesRepository).list(box, member.id, page);
  return found.map(({ id }) => id);
}

/** How often boxes were looked into meanwhile. */
async function looksInto(work: () => Promise<unknown>): Promise<number> {
  const { statementCounts } = community().database;
  const count = (): number =>
    BOXES.reduce((sum, box) => sum + (statementCounts.get(`direct-messages.${box}`) ?? 0), 0);
  const before = count();
  await work();
  return count() - before;
}

async function send(from: Member, to: Member, by = community()): Promise<number> {
  const sender = await by.identity(from);
  return (await by.service(DirectMessagesService).send(sender, to.sessionId as SessionId, Buffer.from('x')))
    .id;
}

const expectSame = async (sinceIds: readonly number[]): Promise<void> => {
  for (const member of people)
    for (const box of BOXES)
      for (const sinceId of sinceIds)
        expect(await list(member, box, sinceId)).toEqual(await stored(member, box, sinceId));
};

describe('boxes in which nothing is new', () => {
  it('are not looked into: empty ones, and those whose end the client knows', async () => {
    const [ann, ben] = people as [Member, Member];
    const id = await send(ann, ben);
    expect(await list(ben, 'inbox', 0)).toEqual([id]);
    expect(
      await looksInto(async () => {
        expect(await list(ben, 'inbox', id)).toEqual([]);
        expect(await list(ann, 'outbox', id)).toEqual([]);
        expect(await list(ann, 'inbox', 0)).toEqual([]);
        expect(await list(ben, 'outbox', 0)).toEqual([]);
      }),
    ).toBe(0);
    expect(await looksInto(() => list(ben, 'inbox', id - 1))).toBe(1);
  });

  it('show what was sent here at once, and what others sent after a look', async () => {
    const [ann, ben] = people as [Member, Member];
    await expectSame([0]);
    const first = await send(ann, ben);
    expect([await list(ben, 'inbox', 0), await list(ann, 'outbox', 0)]).toEqual([[first], [first]]);
    const second = await send(ben, ann, other);
    community().service(ReadModels).apply([MISSED]);
    expect([await list(ann, 'inbox', 0), await list(ben, 'outbox', 0)]).toEqual([[second], [second]]);
  });

  it('are found empty again after a deletion, and after everything expired', async () => {
    const [ann, ben] = people as [Member, Member];
    await send(ann, ben);
    await community()
      .service(DirectMessagesService)
      .deleteReceived(await community().identity(ben));
    await expectSame([0]);
    expect(await looksInto(() => expectAllEmpty())).toBe(0);
    await send(ann, ben);
    community().clock.now += LIFETIME_SECONDS + 1;
    await expectSame([0]);
    expect(await looksInto(() => expectAllEmpty())).toBe(0);
  });

  it('may end with messages that are never delivered', async () => {
    const [ann, ben] = people as [Member, Member];
    const times = { postedAt: community().clock.now, expiresAt: community().clock.now + LIFETIME_SECONDS };
    const message = {
      senderId: ann.id,
      recipientId: ben.id,
      body: Buffer.from('x'),
      ...times,
      swallowed: true,
    };
    await expectSame([0]);
    const id = await community().service(DirectMessagesRepository).insert(message);
    expect([await list(ben, 'inbox', 0), await list(ann, 'outbox', 0)]).toEqual([[], [id]]);
    expect(await looksInto(() => list(ben, 'inbox', 0))).toBe(0);
  });

  it('are known once for all who ask at the same time', async () => {
    const [ann] = people as [Member];
    community()
      .service(ReadModels)
      .apply([{ kind: 'everything' }]);
    await community().people.find(ann.sessionId);
    const { statementCounts } = community().database;
    const before = statementCounts.get('mail-marks.last') ?? 0;
    await Promise.all(Array.from({ length: 20 }, () => list(ann, 'inbox', 0)));
    expect(statementCounts.get('mail-marks.last')).toBe(before + 1);
  });

  it('are what they are in the database, whatever is sent, deleted and read at once', async () => {
    const action = fc.record({
      kind: fc.constantFrom('send' as const, 'send' as const, 'read' as const, 'delete' as const),
      from: fc.nat(2),
      to: fc.nat(2),
      here: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(action, { maxLength: 5 }), { maxLength: 5 }), async (rounds) => {
        const ids = [0];
        for (const round of rounds) {
          await Promise.all(
            round.map(async ({ kind, from, to, here }) => {
              const [one, another] = [people[from]!, people[to]!];
              if (kind === 'send') ids.push(await send(one, another, here ? community() : other));
              else if (kind === 'read') await list(one, here ? 'inbox' : 'outbox', ids.at(-1 - to) ?? 0);
              else
                await community()
                  .service(DirectMessagesService)
                  .deleteReceived(await community().identity(one));
            }),
          );
          community().service(ReadModels).apply([MISSED]);
          await expectSame(ids.slice(-4));
        }
      }),
      { numRuns: 30 },
    );
  });
});

async function expectAllEmpty(): Promise<void> {
  for (const member of people) for (const box of BOXES) expect(await list(member, box, 0)).toEqual([]);
}
