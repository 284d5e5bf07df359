import fc from 'fast-check';
import type { Identity } from '../../libs/auth/identity.js';
import { ReactionsService } from '../../libs/community/reactions.service.js';
import type { RoomAccess } from '../../libs/community/room-access.js';
import { WireError } from '../../libs/protocol/errors.js';
import type { MessageObject } from '../../libs/protocol/schemas/message.schema.js';
import { ModelReader } from '../support/model-reader.js';
import { eachWithCommunity, signed, type Member } from '../support/scratch-community.js';

jest.setTimeout(180_000);

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

const RUNS = 200;
const USERS = ['moderator', 'ann', 'ben'];
const EMOJI = ['👍', '🎉', 'a/b'];
const EVERYTHING = 256;
const REACTORS = 20;

interface Action {
  kind: 'post' | 'edit' | 'delete' | 'react' | 'unreact' | 'clear';
  /** Who does it; clearing is the moderator's. */
  user: number;
  /** Which message, counted from the newest. */
  target: number;
  /** One more than there are emoji: all of them. */
  emoji: number;
  text: string;
}

interface ReaderPlan {
  /** After how many rounds it joins; 0: it reads everything from number 0. */
  joinsAfter: number;
  pageSize: number;
  /** Reads one page while the actions of each round run. */
  pollsMeanwhile: boolean;
  /** Asks for reaction changes (`t=r`); without them it only keeps up with the messages themselves. */
  reactionChanges: boolean;
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('post' as const) },
    { weight: 4, arbitrary: fc.constant('react' as const) },
    { weight: 3, arbitrary: fc.constantFrom('edit' as const, 'unreact' as const) },
    { weight: 2, arbitrary: fc.constantFrom('delete' as const, 'clear' as const) },
  ),
  user: fc.nat(USERS.length - 1),
  target: fc.nat(4),
  emoji: fc.nat(EMOJI.length),
  text: fc.constantFrom('one', 'two'),
});
const plan: fc.Arbitrary<ReaderPlan> = fc.record({
  joinsAfter: fc.nat(6),
  pageSize: fc.constantFrom(1, 2, 3, 7, EVERYTHING),
  pollsMeanwhile: fc.boolean(),
  reactionChanges: fc.constantFrom(true, true, false),
});
/** The actions of a round run at the same moment. */
const rounds = fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 12 });

interface Participant {
  member: Member;
  identity: Identity;
  access: RoomAccess;
}

let roomsMade = 0;

/** A fresh room with one moderator and two others. */
async function participants(): Promise<Participant[]> {
  const room = await community().room(`room-${++roomsMade}`);
  const members = await Promise.all(USERS.map((name) => community().member(name)));
  const { moderators, operator } = community();
  await moderators.changeInRooms(operator, members[0]!.sessionId, [room], { moderator: true });
  return Promise.all(
    members.map(async (member) => ({
      member,
      identity: await community().identity(member),
      access: await community().access(room, member),
    })),
  );
}

/** One room and everything that happens in it. */
class Scene {
  private readonly ids: number[] = [];

  constructor(private readonly people: readonly Participant[]) {}

  /** What cannot be done (somebody else's message, one that was just deleted) is refused, and that is fine. */
  async round(actions: readonly Action[]): Promise<void> {
    const ids = [...this.ids];
    await Promise.all(
      actions.map((each) =>
        this.act(each, ids.at(-1 - each.target)).catch((error: unknown) => {
          if (!(error instanceof WireError)) throw error;
        }),
      ),
    );
  }

  page(since: number, { pageSize, reactionChanges }: ReaderPlan) {
    const { access } = this.people[1]!;
    const page = { limit: pageSize, reactors: REACTORS };
    return community().messages.since(access, page, { seqno: since, reactionChanges });
  }

  recent() {
    const { access } = this.people[1]!;
    return community().messages.recent(access, { limit: EVERYTHING, reactors: REACTORS });
  }

  private async act({ kind, user, emoji, text }: Action, id: number | undefined): Promise<unknown> {
    const { member, identity, access } = this.people[kind === 'clear' ? 0 : user]!;
    const { posts, deletions } = community();
    const reactions = community().service(ReactionsService);
    if (kind === 'post') return this.ids.push((await posts.post(identity, access, signed(member, text))).id);
    if (id === undefined) return undefined;
    if (kind === 'edit') return posts.edit(identity, access, id, signed(member, `${text} more`));
    if (kind === 'delete') return deletions.deleteOne(identity, access, id);
    if (kind === 'clear') return reactions.clear(identity, access, id, EMOJI[emoji]);
    const chosen = EMOJI[emoji % EMOJI.length]!;
    if (kind === 'react') return reactions.add(identity, access, id, chosen);
    return reactions.remove(identity, access, id, chosen);
  }
}

async function follow(story: readonly (readonly Action[])[], readers: readonly ReaderPlan[]): Promise<void> {
  const scene = new Scene(await participants());
  const joined: { reader: ModelReader; plan: ReaderPlan }[] = [];
  const join = async (roundsOver: number): Promise<void> => {
    for (const each of readers.filter(({ joinsAfter }) => joinsAfter === roundsOver))
      joined.push({ reader: new ModelReader(roundsOver === 0 ? [] : await scene.recent()), plan: each });
  };
  const poll = ({ reader, plan: each }: (typeof joined)[0], untilQuiet: boolean): Promise<void> =>
    reader.poll((since) => scene.page(since, each), { untilQuiet });
  await join(0);
  for (const [at, actions] of story.entries()) {
    const polling = joined.filter((each) => each.plan.pollsMeanwhile);
    await Promise.all([scene.round(actions), ...polling.map((each) => poll(each, false))]);
    await join(at + 1);
  }
  const recent = await scene.recent();
  for (const each of joined) {
    await poll(each, true);
    const shown = each.reader.shown();
    if (each.plan.reactionChanges) expect(shown).toEqual(recent);
    else expect(shown.map(withoutReactions)).toEqual(recent.map(withoutReactions));
  }
}

function withoutReactions(message: MessageObject): Partial<MessageObject> {
  const rest: Partial<MessageObject> = { ...message };
  delete rest.seqno;
  delete rest.reactions;
  return rest;
}

describe('whatever several users do at once in a room', () => {
  it('a reader who follows the numbers, from anywhere and with any page size, ends up with what is there', async () => {
    await fc.assert(fc.asyncProperty(rounds, fc.array(plan, { minLength: 1, maxLength: 4 }), follow), {
      numRuns: RUNS,
    });
  });
});
