import { setTimeout as delay } from 'node:timers/promises';
import { MessagesService } from '../../libs/community/messages.service.js';
import { ReadModels } from '../../libs/community/read-models/read-models.js';
import { CarriedChangeBus } from '../../libs/coordination/carried-change-bus.js';
import type { ChangeBus } from '../../libs/coordination/change-bus.js';
import { WireError } from '../../libs/protocol/errors.js';
import { LossyChangeBus } from '../support/lossy-change-bus.js';
import { MemoryChangeCarrier, MemoryWire } from '../support/memory-change-carrier.js';
import { ModelReader, type Change } from '../support/model-reader.js';
import { RoomScene } from '../support/room-scene.js';
import { allWithCommunity, communityOn, type Community, type Member } from '../support/scratch-community.js';

jest.setTimeout(180_000);

const WRITING_MS = 3_000;
/** A slow machine writes for longer. */
const POSTS_MIN = 60;
/** How old what a reader is shown may be, with some time for this machine. */
const LAG_MS = 1_500;
/** Without a look nobody would ever tell of a ban; version-check.spec.ts has the second. */
const BAN_MS = 10_000;
const config = { config: { rateLimit: { posts: 0, windowSeconds: 1 } } };
const PAGE = { limit: 256, reactors: 20 };

const first = allWithCommunity(config);
let second: Community;
let buses: ChangeBus[];
beforeAll(async () => {
  second = await communityOn(first().url, config);
  const wire = new MemoryWire();
  buses = [first(), second].map((server) => {
    const whole = new CarriedChangeBus(new MemoryChangeCarrier(wire), { warn: () => undefined });
    const bus = new LossyChangeBus(whole);
    server.database.onCommitted((changes) => bus.publish(changes));
    bus.subscribe((changes) => server.service(ReadModels).apply(changes));
    return bus;
  });
});
afterAll(async () => {
  for (const bus of buses) await bus.close();
  await second.close();
});

const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)]!;

/** What happens in the room, and since when everybody has to know. */
class Story {
  readonly committedAt = new Map<number, number>();
  readonly deleted = new Set<number>();

  constructor(
    private readonly scenes: readonly RoomScene[],
    private readonly people: readonly Member[],
  ) {}

  /** One thing after the other, each on whatever server. */
  async write(until: number): Promise<void> {
    while (performance.now() < until || this.committedAt.size < POSTS_MIN) {
      const [scene, member] = [oneOf(this.scenes), oneOf(this.people)];
      const id = [...this.committedAt.keys()].at(-1 - Math.floor(Math.random() * 5));
      await this.act(scene, member, id).catch((error: unknown) => {
        if (!(error instanceof WireError)) throw error;
      });
      await delay(Math.random() * 10);
    }
  }

  /** Messages that somebody who asks at this time has to be shown. */
  *due(at: number): Generator<number> {
    for (const [id, committedAt] of this.committedAt)
      if (committedAt < at - LAG_MS && !this.deleted.has(id)) yield id;
  }

  private async act(scene: RoomScene, member: Member, id: number | undefined): Promise<void> {
    const dice = Math.random();
    if (id === undefined || dice < 0.4)
      this.committedAt.set((await scene.post(member, 'words')).id, performance.now());
    else if (dice < 0.6) await scene.edit(member, id, `words ${dice}`);
    else if (dice < 0.9) await scene.react(member, id, oneOf(['👍', '🎉']));
    else {
      const deletion = scene.delete(member, id);
      this.deleted.add(id);
      await deletion;
    }
  }
}

async function page(scene: RoomScene, since: number): Promise<Change[]> {
  const access = (await scene.community.rooms.open(scene.token, undefined))!;
  const messages = scene.community.service(MessagesService);
  const json = await messages.sinceJson(access, PAGE, { seqno: since, reactionChanges: true });
  return JSON.parse(json.toString()) as Change[];
}

/** Polls whichever of the servers it comes to, and holds what it is shown against what it has to be shown. */
async function read(story: Story, scenes: readonly RoomScene[], end: () => number): Promise<ModelReader> {
  const reader = new ModelReader();
  for (let isLast = false; !isLast;) {
    const at = performance.now();
    isLast = at > end() + LAG_MS;
    await reader.poll((since) => page(oneOf(scenes), since), { untilQuiet: isLast });
    const shown = new Set(reader.shown().map(({ id }) => id));
    const late = [...story.due(at)].filter((id) => !shown.has(id));
    expect(late).toEqual([]);
    await delay(Math.random() * 20);
  }
  return reader;
}

describe('two servers whose bus loses half of what is said', () => {
  it('show readers everything in its order, and hardly later than a second', async () => {
    const here = await RoomScene.of(first(), 'lossy');
    const there = RoomScene.at(second, here.token);
    const people = [await here.member('ann'), await here.member('ben')];
    const story = new Story([here, there], people);
    const until = performance.now() + WRITING_MS;
    let overAt = Infinity;
    const writing = Promise.all([1, 2, 3].map(() => story.write(until)));
    const [, ...readers] = await Promise.all([
      writing.finally(() => (overAt = performance.now())),
      ...[[here], [there], [here, there], [here, there]].map((scenes) => read(story, scenes, () => overAt)),
    ]);
    const recent = await here.community.messages.recent(await here.community.access(here.token), PAGE);
    for (const reader of readers) expect(reader.shown().slice(0, PAGE.limit)).toEqual(recent);
  });

  it('have a ban in force where it was made at once, and elsewhere within a second', async () => {
    const here = await RoomScene.of(first(), 'lossy');
    const there = RoomScene.at(second, here.token);
    const moderator = await here.member('moderator', { moderator: true });
    const ann = await here.member('ann');
    const mayRead = async (scene: RoomScene): Promise<boolean> => (await scene.as(ann)).access.read;
    for (let round = 0; round < 6; round++) {
      const scene = round % 2 === 0 ? here : there;
      const other = round % 2 === 0 ? there : here;
      await scene.ban(moderator, ann);
      expect(await mayRead(scene)).toBe(false);
      const since = performance.now();
      while (await mayRead(other)) await delay(10);
      expect(performance.now() - since).toBeLessThan(BAN_MS);
      await scene.unban(moderator, ann);
      expect(await mayRead(scene)).toBe(true);
    }
  });
});
