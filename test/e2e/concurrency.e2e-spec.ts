import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(300_000);

const WRITERS = 20;
const POSTS_PER_WRITER = 100;
const POSTS = WRITERS * POSTS_PER_WRITER;
const READER_LIMITS = [100, 150, 200, 255, 256];
/** How long a reader waits for more than nothing. */
const PATIENCE_MS = 60_000;

interface Seen {
  id: number;
  seqno: number;
  data: string;
}

let postgres: EmbeddedPostgres;
let servers: PlazaProcess[];
/** By id: what the writers were told. */
const acknowledged = new Map<number, { seqno: number; data: string }>();
let read: Seen[][];
/** Reads that began before the last post was acknowledged. */
let readsDuringPosts = 0;

beforeAll(async () => {
  await sessionClientReady();
  postgres = await startOwnPostgres();
  const keys = freshFolder();
  mkdirSync(keys);
  const env = {
    DATABASE_URL: postgres.url,
    KEY_FILE: join(keys, 'key'),
    PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true',
    RATE_LIMIT_POSTS: '0',
  };
  servers = [await startPlaza({ env }), await startPlaza({ env })];
  const readers = READER_LIMITS.map((limit, at) => follow(servers[at % 2]!, limit));
  const writers = Array.from({ length: WRITERS }, (_, at) => write(servers[at % 2]!));
  [read] = await Promise.all([Promise.all(readers), Promise.all(writers)]);
});
afterAll(async () => {
  for (const server of servers ?? []) await server.stop();
  await postgres?.stop();
});
afterAll(endEverything);

async function write(server: PlazaProcess): Promise<void> {
  const account = newAccount(server);
  for (let count = 0; count < POSTS_PER_WRITER; count++) {
    const { status, json } = await post(server, account, 'lobby', `message ${count}`);
    expect(status).toBe(201);
    acknowledged.set(json.id as number, json as Seen);
  }
}

/** Polls as a client does, from the last number it saw, until it has seen as many as are posted. */
async function follow(server: PlazaProcess, limit: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let lastNews = Date.now(); seen.length < POSTS && Date.now() - lastNews < PATIENCE_MS;) {
    const since = seen.at(-1)?.seqno ?? 0;
    if (acknowledged.size < POSTS) readsDuringPosts++;
    const target = `/room/lobby/messages/since/${since}?t=r&limit=${limit}`;
    const { status, json } = await call(server, undefined, 'GET', target);
    expect(status).toBe(200);
    const page = json as Seen[];
    expect(page.length).toBeLessThanOrEqual(limit);
    if (page.length > 0) lastNews = Date.now();
    seen.push(...page);
  }
  return seen;
}

describe(`${WRITERS} writers through two processes on one database`, () => {
  it('all get an id and a number of their own', () => {
    expect(acknowledged.size).toBe(POSTS);
    expect(new Set([...acknowledged.values()].map(({ seqno }) => seqno)).size).toBe(POSTS);
  });

  it.each(READER_LIMITS.map((limit, at) => [limit, at]))(
    'are followed with limit=%i without a gap, each number exactly once and in order',
    (_, at) => {
      const numbers = Array.from({ length: POSTS }, (_each, index) => index + 1);
      expect(read[at]!.map(({ seqno }) => seqno)).toEqual(numbers);
    },
  );

  it.each(READER_LIMITS.map((limit, at) => [limit, at]))(
    'are followed with limit=%i with ids that ascend, and see what was posted',
    (_, at) => {
      const ids = read[at]!.map(({ id }) => id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      const different = read[at]!.filter(({ id, seqno, data }) => {
        const told = acknowledged.get(id);
        return told?.seqno !== seqno || told.data !== data;
      });
      expect(different).toEqual([]);
    },
  );

  it('were read while they wrote', () => expect(readsDuringPosts).toBeGreaterThan(50));

  it('leave the same numbers with both processes', async () => {
    for (const server of servers) {
      const { json } = await call(server, undefined, 'GET', '/room/lobby');
      expect(json.message_sequence).toBe(POSTS);
    }
  });
});
