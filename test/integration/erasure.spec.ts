import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ErasureService, type ErasureReport } from '../../libs/community/erasure.service.js';
import { ErasureRepository } from '../../libs/storage/erasure.repository.js';
import { RoomScene } from '../support/room-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';
import { connect } from '../support/scratch-database.js';

jest.setTimeout(120_000);

const HOUR = 3600;
const LONGER_THAN_A_REQUEST_MS = 24_000;
const MESSAGES = 'public.messages';
const WORD = 'Unmistakable';
/** Longer than the tombstone that takes its place. */
const TEXT = `${WORD} ${'x'.repeat(300)}`;

const community = eachWithCommunity({ config: { eraseTableBytesMax: 1024 * 1024 } });

const run = (signal = new AbortController().signal) => community().service(ErasureService).runWhenDue(signal);

/** To the beginning of that hour of the day (UTC), later than now. */
function untilHour(hour: number): void {
  const { clock } = community();
  const now = Math.floor(clock.now / HOUR);
  clock.now = (now + ((hour - (now % 24) + 24) % 24 || 24)) * HOUR + 60;
}

/** The first night of a server that has been told of. */
async function night(): Promise<ErasureReport> {
  await run();
  untilHour(3);
  return (await run())!;
}

/** A message that was deleted, whose bytes lie in the file of the table. */
async function deletedMessage(): Promise<void> {
  const scene = await RoomScene.of(community());
  const ann = await scene.member('ann');
  const { id } = await scene.post(ann, TEXT);
  await scene.delete(ann, id);
  await community().sql('VACUUM messages');
  await community().sql('CHECKPOINT');
}

async function fileOf(table: string): Promise<Buffer> {
  const folder = await community().value<string>(`SELECT current_setting('data_directory')`);
  await community().sql('CHECKPOINT');
  const path = await community().value<string>('SELECT pg_relation_filepath($1::regclass)', [table]);
  return readFileSync(join(folder, path));
}

describe('what was deleted', () => {
  it('stays in the file of its table, also after VACUUM, until the nightly run', async () => {
    await deletedMessage();
    expect((await fileOf('messages')).includes(WORD)).toBe(true);
    expect((await night()).rewritten).toContain(MESSAGES);
    expect((await fileOf('messages')).includes(WORD)).toBe(false);
  });

  it('stays where a table is too large, which is told, and goes when the operator says so', async () => {
    await deletedMessage();
    await community().sql(
      `INSERT INTO moderation_log (at, via, action, detail) SELECT 0, 'worker', 'x', to_jsonb(repeat(md5(n::text), 9))
       FROM generate_series(1, 5000) AS n`,
    );
    const report = await night();
    expect(report.tooLarge).toEqual(['public.moderation_log']);
    expect(report.rewritten).toContain(MESSAGES);
    const told: string[] = [];
    const now = await community()
      .service(ErasureService)
      .runNow(({ name }) => told.push(name));
    expect(now).toMatchObject({ busy: [], tooLarge: [], logDropped: true });
    expect(now.rewritten).toEqual(told);
    expect(told).toContain('public.moderation_log');
  });

  it('stays while somebody uses the table, who is not waited for, and goes the next night', async () => {
    await deletedMessage();
    await run();
    untilHour(3);
    const other = await connect(community().url);
    await other.query('BEGIN; SELECT FROM messages');
    const started = Date.now();
    expect((await run())!.busy).toEqual([MESSAGES]);
    expect(Date.now() - started).toBeLessThan(20_000); // an operator’s wait is longer
    await other.query('COMMIT');
    await other.end();
    untilHour(3);
    expect((await run())!.rewritten).toContain(MESSAGES);
  });

  it('stays while somebody may still see it, and goes the next night', async () => {
    const scene = await RoomScene.of(community());
    const ann = await scene.member('ann');
    const { id } = await scene.post(ann, TEXT);
    await run();
    untilHour(3);
    const other = await connect(community().url);
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM rooms');
    await scene.delete(ann, id);
    expect((await run())!.busy).toContain(MESSAGES);
    await other.query('COMMIT');
    await other.end();
    untilHour(3);
    expect((await run())!.rewritten).toContain(MESSAGES);
    expect((await fileOf('messages')).includes(WORD)).toBe(false);
  });
});

describe('plaza erase', () => {
  it('takes longer than a request may, if it has to', async () => {
    const other = await connect(community().url);
    await other.query('BEGIN; SELECT FROM messages');
    const erased = community()
      .service(ErasureService)
      .runNow(() => undefined);
    await delay(LONGER_THAN_A_REQUEST_MS);
    await other.query('COMMIT');
    await other.end();
    expect(await erased).toMatchObject({ busy: [], rewritten: expect.arrayContaining([MESSAGES]) });
  });
});

describe('the nightly run', () => {
  it('comes once a day, in the hour in which least happened', async () => {
    await community().sql(
      `INSERT INTO statistics (room_id, step_hours, at, posts, polls)
       SELECT 0, 1, $1::float8 - hour * ${HOUR}, 1, CASE (($1 / ${HOUR})::bigint - hour) % 24 WHEN 14 THEN 0 ELSE 9 END
       FROM generate_series(1, 168) AS hour`,
      [Math.floor(community().clock.now / HOUR) * HOUR],
    );
    expect(await run()).toBeUndefined();
    const done: number[] = [];
    for (let count = 0; count < 48; count++) {
      community().clock.now += HOUR;
      if (await run()) done.push(Math.floor(community().clock.now / HOUR) % 24);
    }
    expect(done).toEqual([14, 14]);
  });

  it('comes at any hour after three days without one', async () => {
    await night();
    community().clock.now += 3 * 24 * HOUR + 5 * HOUR;
    expect(await run()).toBeDefined();
  });

  it('leaves tables alone in which nothing has changed', async () => {
    const entry = () =>
      community().sql(
        `WITH flushed AS (SELECT pg_stat_force_next_flush())
         INSERT INTO moderation_log (at, via, action) SELECT 0, 'worker', 'x' FROM flushed`,
      );
    const LOG = 'public.moderation_log';
    const nights: boolean[] = [];
    await run();
    for (const changes of [true, false, true]) {
      if (changes) await entry();
      untilHour(3);
      nights.push((await run())!.rewritten.includes(LOG));
    }
    expect(nights).toEqual([true, false, true]);
  });

  it('does nothing more once the process is to end', async () => {
    await run();
    untilHour(3);
    expect(await run(AbortSignal.abort())).toMatchObject({ rewritten: [], busy: [], tooLarge: [] });
  });
});

it('tables with what people wrote are looked after, those of jobs too', async () => {
  await community().sql('CREATE SCHEMA bullmq; CREATE TABLE bullmq.job (data jsonb)');
  const names = (await community().service(ErasureRepository).tables()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([MESSAGES, 'public.direct_messages', 'bullmq.job']));
  expect(names).not.toContain('public.statistics');
});

it('PostgreSQL takes no samples of what people wrote', async () => {
  const sampled = await community().sql<{ column: string }>(
    `SELECT relname || '.' || attname AS column FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
       AND atttypid IN ('text'::regtype, 'bytea'::regtype, 'jsonb'::regtype)
       AND coalesce(attstattarget, -1) <> 0 AND relname <> '_prisma_migrations' ORDER BY 1`,
  );
  expect(sampled.map(({ column }) => column)).toEqual([
    'admin_answers.principal', // token/7, user/8
    'admin_tokens.public_id',
    'admin_tokens.role',
    'files.media_type',
    'moderation_log.action',
    'moderation_log.via',
    'server_state.automod_rules',
    'server_state.erasure',
    'server_state.filter_rules',
    'server_state.public_key',
    'server_state.unfinished_import',
    'statistics.moderation',
    'users.session_id', // rows of which are never deleted
    'webhook_deliveries.event',
    'webhook_deliveries.state',
    'webhooks.events',
  ]);
});
