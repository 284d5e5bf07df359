import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { atTheEnd } from '../kept-processes.js';
import { call, newAccount, type Community } from '../plaza-calls.js';
import type { PlazaProcess } from '../plaza-process.js';
import { connect } from '../scratch-database.js';
import { Account } from '../session-client.js';
import { Moments } from './fault-run.js';
import { Ledger } from './ledger.js';
import { Moderator, type LivingPosts } from './moderator.js';
import { RoomWatcher, type RoomView } from './room-view.js';
import { Writer } from './writer.js';

export const ROOMS = ['aquarium', 'brook'];
/** Settings of a server for it: few people do more here than the limits against abuse let one of them do. */
export const UNLIMITED = { RATE_LIMIT_POSTS: '0', USER_COST_PER_SECOND_MAX: '0', USER_UPLOADS_MAX: '0' };
const WRITERS = 4;
/** Everybody pauses between two deeds, so that a busy machine is not busy with us alone. */
const PAUSE_MS = 15;
const AGAIN_MS = 100;
const POLL_PAUSE_MS = 80;
const SETTLED_MS = 30_000;
export const RECOVERY_MS = 10_000;
/** Jobs that were begun are looked for so long; how soon they are to be done {@link Load.jobsDone} measures. */
const JOBS_MS = 60_000;

/** Members and a moderator who go on whatever happens, two readers, and the book that is kept about all of them. */
export class Load {
  readonly ledger = new Ledger();
  /** Files live for a time, which goes by the clock: who moves that cannot tell what should be there. */
  judgesFiles = true;
  private isRunning = false;
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly at: Community,
    private readonly writers: readonly Writer[],
    private readonly moderator: Moderator,
    private readonly watchers: readonly RoomWatcher[],
    ledger: Ledger,
  ) {
    this.ledger = ledger;
  }

  /** Makes the rooms and the roles on a fresh server, and begins. `at`: where clients reach it. */
  static async start(server: PlazaProcess, name: string, at: Community = server): Promise<Load> {
    for (const room of ROOMS) await must(server.plaza('room', 'create', room, '--name', room));
    const admin = newAccount(server);
    await must(server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin'));
    const token = (await must(server.plaza('token', 'create', '--name', 'faults', '--role', 'admin'))).trim();
    const ledger = new Ledger();
    const parts = (actor: string) => ({ ledger, rooms: ROOMS, moments: new Moments(`${name} ${actor}`) });
    const names = Array.from({ length: WRITERS }, (_, number) => `writer ${number + 1}`);
    const writers = names.map((writer) => new Writer(writer, at, parts(writer)));
    const moderator = new Moderator(at, admin, { ...parts('moderator'), token });
    const reader = newAccount(server);
    const watchers = ROOMS.map((room) => new RoomWatcher(room, at, reader));
    for (const { account } of [...writers, moderator]) await seen(at, account);
    const load = new Load(at, writers, moderator, watchers, ledger);
    load.resume();
    atTheEnd(() => load.pause());
    await load.recovery(performance.now());
    return load;
  }

  resume(): void {
    this.isRunning = true;
    this.running = Promise.all([
      ...this.writers.map((writer) => this.repeat(() => writer.step(this.writers))),
      this.repeat(() => this.moderator.step()),
      ...this.watchers.map((watcher) => this.watch(watcher)),
    ]);
  }

  /** What is under way comes to its end. */
  async pause(): Promise<void> {
    this.isRunning = false;
    await this.running;
  }

  /** Milliseconds from `moment` until everybody had something acknowledged that they began after it. */
  async recovery(moment: number): Promise<number> {
    const actors = [...this.writers, this.moderator].map(({ name }) => name);
    for (;;) {
      const waiting = this.ledger.waitingSince(actors, moment);
      const ms = performance.now() - moment;
      if (waiting.length === 0) return Math.round(ms);
      if (ms > 4 * RECOVERY_MS) throw new Error(`after ${Math.round(ms)} ms ${waiting} still wait`);
      await delay(10);
    }
  }

  /** Milliseconds from `moment` until the jobs are done that were acknowledged by now. */
  async jobsDone(moment: number, databaseUrl: string): Promise<number> {
    const database = await connect(databaseUrl);
    const done = this.moderator.jobsDone(livingIn(database));
    const late = delay(JOBS_MS, undefined, { ref: false });
    await Promise.race([done, late]);
    done.catch(() => undefined); // if it is late, it is over with the connection
    await database.end();
    return Math.round(performance.now() - moment);
  }

  /** With the load paused: everything that is not as it was acknowledged. `databaseUrl` leads past what is tested. */
  async check(databaseUrl: string): Promise<string[]> {
    const database = await connect(databaseUrl);
    try {
      const living = livingIn(database, this.judgesFiles);
      const complaints = [...this.ledger.complaints];
      complaints.push(...(await this.moderator.checkVictims(living, JOBS_MS)));
      complaints.push(...(await this.moderator.check()));
      complaints.push(...(await this.settledRooms(database)));
      return complaints;
    } finally {
      await database.end();
    }
  }

  summary(): string {
    const { acknowledged, refused, unknown } = this.ledger.counts;
    const slowest = Math.round(this.ledger.slowestMs);
    return `${acknowledged} acknowledged, ${unknown} unknown, ${refused} refused, slowest answer ${slowest} ms, ${this.moderator.victimCount} people deleted`;
  }

  /**
   * What was begun without an answer, such as a job for somebody whose deletion was not acknowledged, may still come to
   * its end while one looks. What is missed stays missed.
   */
  private async settledRooms(database: Client): Promise<string[]> {
    for (const late = performance.now() + SETTLED_MS; ; await delay(AGAIN_MS)) {
      const complaints = await this.checkRooms(database);
      if (complaints.length === 0 || performance.now() > late) return complaints;
    }
  }

  private async checkRooms(database: Client): Promise<string[]> {
    const complaints: string[] = [];
    const views = new Map<string, RoomView>();
    for (const watcher of this.watchers) {
      const { view, complaints: missed } = await watcher.compare();
      complaints.push(...missed, ...(await differences(database, watcher.room, view)));
      views.set(watcher.room, view);
      for (const writer of this.writers) {
        const seqnos = writer.seqnos(watcher.room);
        if (seqnos.some((seqno, at) => at > 0 && seqno <= seqnos[at - 1]!))
          complaints.push(`numbers of ${writer.name} in ${watcher.room} are out of order: ${seqnos}`);
      }
      const all = this.writers.flatMap((writer) => writer.seqnos(watcher.room));
      if (new Set(all).size !== all.length) complaints.push(`${watcher.room} gave a number out twice`);
    }
    const mail = new Map<Account, string[]>();
    for (const { account } of this.writers) mail.set(account, await mailOf(this.at, account));
    const find = async (account: Account): Promise<string[]> => mail.get(account)!;
    for (const writer of this.writers)
      complaints.push(...(await writer.check(views, find, this.judgesFiles)));
    return complaints;
  }

  private async repeat(step: () => Promise<void>): Promise<void> {
    while (this.isRunning) {
      const good = this.ledger.counts.acknowledged;
      await step();
      await delay(this.ledger.counts.acknowledged > good ? PAUSE_MS : AGAIN_MS);
    }
  }

  private async watch(watcher: RoomWatcher): Promise<void> {
    while (this.isRunning) {
      await watcher.poll().catch((error: Error) => {
        // A reader that trusts the numbers says so; that a server is away is for the writers to judge.
        if (/came after|never sent|no answer/.test(error.message)) this.ledger.complain(error.message);
      });
      await delay(POLL_PAUSE_MS);
    }
  }
}

async function must(command: Promise<{ code: number | null; stdout: string; stderr: string }>) {
  const { code, stdout, stderr } = await command;
  if (code !== 0) throw new Error(`a command ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

const seen = (at: Community, account: Account) => call(at, account, 'GET', `/room/${ROOMS[0]}`);

async function mailOf(at: Community, account: Account): Promise<string[]> {
  const messages: string[] = [];
  for (let since = 0; ;) {
    const { status, json } = await call(at, account, 'GET', `/inbox/since/${since}?limit=256`);
    if (status === 304) return messages;
    const page = json as { id: number; message: string }[];
    messages.push(...page.map(({ message }) => message));
    since = page.at(-1)!.id;
  }
}

/** What the API shows of a room, against what is in the database. */
async function differences(database: Client, room: string, view: RoomView): Promise<string[]> {
  const { rows } = await database.query<{ id: number; seqno: number }>(
    `SELECT m.id, m.seqno FROM messages m JOIN rooms r ON r.id = m.room_id
     WHERE r.token = $1 AND m.data IS NOT NULL AND NOT m.filtered ORDER BY m.id DESC`,
    [room],
  );
  const shown = view.messages.map(({ id, seqno }) => `${id}:${seqno}`).join(' ');
  const stored = rows.map(({ id, seqno }) => `${id}:${seqno}`).join(' ');
  return shown === stored ? [] : [`${room} shows other messages than there are: ${shown} | ${stored}`];
}

const livingIn = (database: Client, judgesFiles = true): LivingPosts => ({
  of: async ({ blindedId }, room) => {
    const { rows } = await database.query<{ posts: number; files: number }>(
      `SELECT (SELECT count(*) FROM messages m WHERE m.room_id = r.id AND m.author_id = u.id AND m.data IS NOT NULL) AS posts,
              (SELECT count(*) FROM files f WHERE f.room_id = r.id AND f.uploader_id = u.id
                 AND f.expires_at > extract(epoch FROM now())) AS files
       FROM users u, rooms r WHERE u.session_id = $1 AND r.token = $2`,
      [blindedId, room],
    );
    const found = rows[0] ?? { posts: 0, files: 0 };
    return judgesFiles ? found : { posts: found.posts };
  },
});
