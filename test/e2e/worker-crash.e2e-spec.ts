import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { connect } from '../support/scratch-database.js';
import { describeBothBackends } from '../support/both-backends.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

jest.setTimeout(300_000);
afterAll(endEverything);

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  await sessionClientReady();
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.stop());

let databases = 0;

/**
 * A server without a worker, and workers that are killed where a lock of the test's stops them: in the middle of each
 * kind of work. The next worker must lose nothing, and do nothing twice that shows.
 */
describeBothBackends((redis) => {
  let server: PlazaProcess;
  let admin: Client;
  let ann: Account;
  let env: Record<string, string>;
  const workers: WorkerProcess[] = [];
  beforeAll(async () => {
    const url = await database();
    const redisUrl = redis()?.url;
    env = {
      DATABASE_URL: url,
      RATE_LIMIT_POSTS: '0',
      RUN_WORKER: 'false',
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    };
    server = await startPlaza({ env });
    admin = await connect(url);
    for (const token of ['a', 'b', 'c']) await server.plaza('room', 'create', token, '--name', token);
  });
  beforeEach(() => {
    ann = newAccount(server);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  /** Of its own, with a name that sorts out who waits for whom. */
  async function database(): Promise<string> {
    const client = await connect(postgres.url);
    const name = `crash_${++databases}`;
    await client.query(`CREATE DATABASE ${name}`).finally(() => client.end());
    const url = new URL(postgres.url);
    url.pathname = name;
    return url.href;
  }

  async function work(): Promise<WorkerProcess> {
    const worker = await startWorkerProcess({ dataDir: server.dataDir, env });
    workers.push(worker);
    return worker;
  }
  const value = async <Value>(sql: string, values: unknown[] = []): Promise<Value> =>
    Object.values(((await admin.query(sql, values)).rows as Record<string, Value>[])[0]!)[0]!;
  const rows = async <Row>(sql: string, values: unknown[] = []) =>
    (await admin.query(sql, values)).rows as Row[];

  /** Starts a worker, kills it when it waits for the lock that `sql` takes, and frees the lock. */
  async function killedBehind(
    sql: string,
    then: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const blocker = await connect(env.DATABASE_URL!);
    await blocker.query('BEGIN');
    await blocker.query(sql);
    const worker = await startWorkerProcess({ dataDir: server.dataDir, env });
    await then();
    const waiting = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
      AND application_name = 'plaza worker' AND wait_event_type = 'Lock'`;
    while ((await value<number>(waiting)) === 0) await delay(10);
    await worker.kill9();
    await blocker.query('COMMIT');
    await blocker.end();
  }
  const userId = (account: Account) =>
    value<number>('SELECT id FROM users WHERE session_id = $1', [account.blindedId]);

  it('housekeeping goes on where it was', async () => {
    const upload = await call(server, ann, 'POST', '/room/a/file', { body: Buffer.from('bytes') });
    const fileId = (upload.json as { id: number }).id;
    const { id } = (await post(server, ann, 'a', 'hello')).json as { id: number };
    await admin.query('UPDATE files SET expires_at = 0 WHERE id = $1', [fileId]);
    await admin.query(
      `INSERT INTO message_revisions (message_id, replaced_at, data, data_size, signature)
       SELECT $1, 0, 'x', 1, repeat('s', 64)::bytea FROM generate_series(1, 600)`,
      [id],
    );
    await killedBehind('LOCK TABLE message_revisions IN SHARE MODE');
    expect(await value<number>('SELECT count(*) FROM message_revisions')).toBeGreaterThan(0);
    await work();
    const isLeft = async (): Promise<boolean> =>
      (await value<number>('SELECT count(*) FROM files WHERE id = $1', [fileId])) > 0 ||
      blob(server.dataDir, fileId);
    while (await isLeft()) await delay(50);
    while ((await value<number>('SELECT count(*) FROM message_revisions')) > 0) await delay(50);
  });

  it('scheduled changes are applied once each, in order', async () => {
    await call(server, ann, 'GET', '/room/a');
    const member = await userId(ann);
    for (let at = 1; at <= 5; at++)
      await admin.query(
        `INSERT INTO scheduled_changes (room_id, user_id, due_at, write) SELECT id, $1, $2, $3 FROM rooms WHERE token = 'a'`,
        [member, at, at % 2 === 0],
      );
    await killedBehind('LOCK TABLE permission_overrides IN SHARE MODE');
    await work();
    while ((await value<number>('SELECT count(*) FROM scheduled_changes')) > 0) await delay(50);
    const applied = await rows<{ write: boolean }>(
      `SELECT (detail ->> 'write')::boolean AS write FROM moderation_log WHERE target_id = $1 ORDER BY id`,
      [member],
    );
    expect(applied.map(({ write }) => write)).toEqual([false, true, false, true, false]);
    expect(await rows('SELECT write FROM permission_overrides WHERE user_id = $1', [member])).toEqual([
      { write: false },
    ]);
  });

  it('a long job goes on where it was, with true counts', async () => {
    for (const room of ['a', 'b', 'c'])
      for (let count = 0; count < 3; count++) await post(server, ann, room, `number ${count}`);
    let jobId = '';
    await killedBehind(`SELECT FROM rooms WHERE token = 'b' FOR UPDATE`, async () => {
      const added = await server.plaza('user', 'delete-posts', ann.blindedId, '--yes', '--no-wait', '--json');
      jobId = (JSON.parse(added.stdout) as { jobId: string }).jobId;
    });
    const member = await userId(ann);
    const living = () =>
      value<number>('SELECT count(*) FROM messages WHERE author_id = $1 AND data IS NOT NULL', [member]);
    expect(await living()).toBe(6);
    await work();
    const job = async () =>
      JSON.parse((await server.plaza('jobs', 'show', jobId, '--json')).stdout) as {
        state: string;
        progress: object;
      };
    while ((await job()).state !== 'done') await delay(200);
    expect((await job()).progress).toEqual({ rooms: 3, roomsTotal: 3, messages: 9 });
    expect(await living()).toBe(0);
    expect(
      await rows(
        `SELECT room_token AS room, (detail ->> 'messages')::int AS messages FROM moderation_log
         WHERE target_id = $1 ORDER BY id`,
        [member],
      ),
    ).toEqual(['a', 'b', 'c'].map((room) => ({ room, messages: 3 })));
  });

  it('the sweep for lost bytes begins again', async () => {
    // As an upload leaves it that was cut off between bytes and record.
    const lost = Number(await value(`SELECT nextval(pg_get_serial_sequence('files', 'id'))`));
    const file = blobPath(server.dataDir, lost);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'lost');
    utimesSync(file, 1, 1);
    // As if an hour had passed, so that the sweep is due.
    await forgetPlan();
    await killedBehind('LOCK TABLE files IN ACCESS EXCLUSIVE MODE');
    expect(blob(server.dataDir, lost)).toBe(true);
    await work();
    while (blob(server.dataDir, lost)) await delay(50);
    expect(readdirSync(dirname(file))).not.toContain(String(lost));
  });

  async function forgetPlan(): Promise<void> {
    if (redis()) return void (await redis()!.ask((ask) => ask.flushall()));
    await admin.query(`DELETE FROM bullmq.scheduler WHERE queue = 'file-sweep'`);
    await admin.query(`DELETE FROM bullmq.job WHERE queue = 'file-sweep'`);
  }
});

const blobPath = (dataDir: string, id: number): string =>
  join(dataDir, 'files', (id % 256).toString(16).padStart(2, '0'), String(id));
const blob = (dataDir: string, id: number): boolean => existsSync(blobPath(dataDir, id));
