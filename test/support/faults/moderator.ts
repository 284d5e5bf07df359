import { setTimeout as delay } from 'node:timers/promises';
import {
  call,
  messageBody,
  newAccount,
  type Answer,
  type CallOptions,
  type Community,
} from '../plaza-calls.js';
import { http, type Account } from '../session-client.js';
import type { Moments } from './fault-run.js';
import type { Ledger } from './ledger.js';

/** Somebody whose posts are deleted. */
interface Victim {
  account: Account;
  deed: Deed;
  /** Acknowledged posts by room. */
  posts: Map<string, number>;
  isSure: boolean;
}

type Deed = keyof typeof DEEDS;
/** In one room, in all, or with a ban in the first room, which leaves it to a job. */
const DEEDS = { 'delete in a room': 1, 'delete in all rooms': 2, 'ban and delete': 2 };
const POSTS_EACH = 4;

export interface LivingPosts {
  /** Posts that are not deleted, and files that can be downloaded (if they are to be judged). */
  of(account: Account, room: string): Promise<{ posts: number; files?: number }>;
}

/** Bans, lifts, pins, and deletes all that somebody wrote. */
export class Moderator {
  readonly name = 'moderator';
  /** By person: whether they may be banned. */
  private readonly banned = new Map<Account, boolean[]>();
  private readonly victims: Victim[] = [];
  private pinned: { id: number; may: boolean[] } | undefined;
  private person: Account | undefined;

  constructor(
    private readonly at: Community,
    /** A global admin's. */
    readonly account: Account,
    private readonly parts: {
      ledger: Ledger;
      moments: Moments;
      rooms: readonly string[];
      /** Of the admin API. */
      token: string;
    },
  ) {}

  async step(): Promise<void> {
    const deed = this.parts.moments.weighted({ ban: 3, pin: 2, victim: 2 });
    if (deed === 'ban') await this.banOrLift();
    else if (deed === 'pin') await this.pinOrUnpin();
    else await this.hurt();
  }

  async check(): Promise<string[]> {
    const complaints: string[] = [];
    for (const [person, may] of this.banned) {
      const { status } = await call(this.at, person, 'GET', `/room/${this.parts.rooms[0]}`);
      if (!may.includes(status !== 200))
        complaints.push(`somebody may be banned: ${may}, and gets ${status}`);
    }
    const { json } = await call(this.at, this.account, 'GET', `/room/${this.parts.rooms[0]}`);
    const pins = ((json.pinned_messages ?? []) as { id: number }[]).map(({ id }) => id);
    if (this.pinned && !this.pinned.may.includes(pins.includes(this.pinned.id)))
      complaints.push(`message ${this.pinned.id} may be pinned: ${this.pinned.may}; pinned are ${pins}`);
    return complaints;
  }

  /** Waits for jobs that have to finish what was begun. */
  async checkVictims(living: LivingPosts, patienceMs: number): Promise<string[]> {
    const complaints: string[] = [];
    const late = performance.now() + patienceMs;
    for (const victim of this.victims) {
      for (;;) {
        const wrong = await this.wrongWith(victim, living);
        if (wrong !== undefined && performance.now() < late) {
          await delay(200);
          continue;
        }
        if (wrong !== undefined) complaints.push(wrong);
        break;
      }
    }
    return complaints;
  }

  /** Until nothing is left to do for jobs that were acknowledged by now. */
  async jobsDone(living: LivingPosts): Promise<void> {
    for (const victim of this.victims.filter(({ isSure }) => isSure))
      while ((await this.wrongWith(victim, living)) !== undefined) await delay(50);
  }

  get victimCount(): number {
    return this.victims.length;
  }

  private async wrongWith({ account, deed, posts, isSure }: Victim, living: LivingPosts) {
    const left = new Map<string, string>();
    const [first] = this.parts.rooms;
    const meant = deed === 'delete in all rooms' ? this.parts.rooms : [first!];
    for (const room of this.parts.rooms) {
      const found = await living.of(account, room);
      const expected = { posts: posts.get(room) ?? 0, files: room === first ? 1 : 0 };
      const { files = found.posts === 0 ? 0 : expected.files } = found;
      const isAll = found.posts === expected.posts && files === expected.files;
      const isNone = found.posts === 0 && files === 0;
      const state = isNone ? 'none' : isAll ? 'all' : `${found.posts} posts, ${files} files`;
      left.set(room, state);
    }
    const states = new Set(meant.map((room) => left.get(room)));
    const untouched = this.parts.rooms.filter((room) => !meant.includes(room));
    const isWhole = states.size === 1 && (states.has('none') || (!isSure && states.has('all')));
    const isNeat = untouched.every((room) => left.get(room) === 'all');
    return isWhole && isNeat
      ? undefined
      : `${deed}, acknowledged: ${isSure}, left ${JSON.stringify([...left])} of ${JSON.stringify([...posts])}`;
  }

  private ask(what: string, account: Account, method: string, target: string, options: CallOptions = {}) {
    const asked = () => call(this.at, account, method, target, options);
    return this.parts.ledger.attempt<Answer>(this.name, what, asked);
  }

  private async banOrLift(): Promise<void> {
    this.person ??= newAccount(this.at);
    const person = this.person;
    const before = this.banned.get(person) ?? [false];
    const deed = before[0] ? 'unban' : 'ban';
    const json = { rooms: [this.parts.rooms[0]] };
    const target = `/user/${person.blindedId}/${deed}`;
    const { outcome } = await this.ask(deed, this.account, 'POST', target, { json });
    if (outcome === 'acknowledged') this.banned.set(person, [!before[0]]);
    if (outcome === 'unknown') this.banned.set(person, [...before, !before[0]]);
    // What was lost may still take effect, and a few people more make for a longer list to check.
    if (outcome === 'unknown' || this.parts.moments.between(0, 1) < 0.2) this.person = undefined;
  }

  private async pinOrUnpin(): Promise<void> {
    const [room] = this.parts.rooms;
    if (!this.pinned || this.pinned.may.length > 1) {
      const json = messageBody(this.account, 'to be pinned');
      const posted = await this.ask('post', this.account, 'POST', `/room/${room}/message`, { json });
      if (posted.outcome !== 'acknowledged') return;
      this.pinned = { id: posted.answer!.json.id, may: [false] };
    }
    const isPinned = this.pinned.may[0]!;
    const target = `/room/${room}/${isPinned ? 'unpin' : 'pin'}/${this.pinned.id}`;
    const { outcome } = await this.ask('pin', this.account, 'POST', target, { json: {} });
    if (outcome === 'acknowledged') this.pinned.may = [!isPinned];
    if (outcome === 'unknown') this.pinned.may = [isPinned, !isPinned];
  }

  private async hurt(): Promise<void> {
    const victim = await this.prepareVictim();
    if (!victim) return;
    const { account, deed } = victim;
    const [room] = this.parts.rooms;
    const { outcome } =
      deed === 'ban and delete'
        ? await this.banAndDelete(account)
        : await this.ask(
            deed,
            this.account,
            'DELETE',
            deed === 'delete in a room'
              ? `/room/${room}/all/${account.blindedId}`
              : `/rooms/all/${account.blindedId}`,
          );
    if (outcome !== 'refused') this.victims.push({ ...victim, isSure: outcome === 'acknowledged' });
  }

  /** With posts in every room and a file in the first; undefined when one was not acknowledged. */
  private async prepareVictim(): Promise<Omit<Victim, 'isSure'> | undefined> {
    const account = newAccount(this.at);
    const posts = new Map<string, number>();
    const body = Buffer.from('of a victim');
    const [first] = this.parts.rooms;
    const upload = await this.ask('upload', account, 'POST', `/room/${first}/file`, { body });
    if (upload.outcome !== 'acknowledged') return undefined;
    for (const room of this.parts.rooms)
      for (let count = 0; count < POSTS_EACH; count++) {
        const files = room === first && count === 0 ? [upload.answer!.json.id] : [];
        const json = { ...messageBody(account, `victim ${count}`), files };
        const { outcome } = await this.ask('post', account, 'POST', `/room/${room}/message`, { json });
        if (outcome !== 'acknowledged') return undefined;
        posts.set(room, (posts.get(room) ?? 0) + 1);
      }
    return { account, posts, deed: this.parts.moments.weighted(DEEDS) };
  }

  private banAndDelete({ blindedId }: Account) {
    const wish = { sessionId: blindedId, room: this.parts.rooms[0], deletePosts: true };
    const body = Buffer.from(JSON.stringify(wish));
    const headers = { authorization: `Bearer ${this.parts.token}`, 'content-type': 'application/json' };
    const asked = () => http(this.at.base, { method: 'POST', target: '/admin/v1/bans', body }, headers);
    return this.parts.ledger.attempt(this.name, 'ban and delete', asked);
  }
}
