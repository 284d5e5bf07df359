import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { endEverything } from '../support/kept-processes.js';
import { onionRequest } from '../support/onion-client.js';
import { call, messageBody, newAccount, post, signed, type CallOptions } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { http, sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const ROUNDS = 40;
const MEMORY_GROWTH_MAX_MIB = 150;

let server: PlazaProcess;
let database: Client;
/** A member whose requests a stranger has seen on their way. */
let member: Account;
let seen: { headers: Record<string, string>; body: Buffer | undefined };
const POST_TARGET = '/room/lobby/message';

beforeAll(async () => {
  await sessionClientReady();
  const first = await startPlaza();
  member = newAccount(first);
  seen = signed(member, 'POST', POST_TARGET, { json: messageBody(member, 'hello') });
  const answer = await http(
    first.base,
    { method: 'POST', target: POST_TARGET, body: seen.body },
    seen.headers,
  );
  expect(answer.status).toBe(201);
  await first.stop(); // writes the activity that it collected
  // The worker writes by itself, so it stays out of this.
  server = await startPlaza({ dataDir: first.dataDir, env: { RUN_WORKER: 'false' } });
  database = await connect(server.dataDir);
  // Vacuuming takes transaction ids too; without it each one is a write of the server.
  await database.query('ALTER SYSTEM SET autovacuum = off');
  await database.query('SELECT pg_reload_conf()');
  await until(async () => {
    const { rows } = await database.query(
      `SELECT FROM pg_stat_activity WHERE backend_type LIKE 'autovacuum%'`,
    );
    return rows.length === 0;
  });
});
afterAll(async () => {
  await database?.end();
  await server?.stop();
});
afterAll(endEverything);

async function connect(dataDir: string): Promise<Client> {
  const { databaseUrl } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as {
    databaseUrl: string;
  };
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return client;
}

/** Everything that a write would change. */
async function everythingStored() {
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1`,
  );
  const contents: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await database.query<{ content: string }>(
      `SELECT count(*) || ' rows ' || coalesce(md5(string_agg(t::text || xmin || ctid, ',' ORDER BY ctid)), '') AS content FROM "${name}" t`,
    );
    contents[name] = rows[0]!.content;
  }
  const { rows: sequences } = await database.query(
    'SELECT sequencename, last_value FROM pg_sequences ORDER BY 1',
  );
  // Every transaction that writes takes the next transaction id.
  const { rows: transactions } = await database.query(
    'SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next',
  );
  return { contents, sequences, transactions, nonces: filesIn(join(server.dataDir, 'nonces')) };
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')]));

function memoryMib(): number {
  const kib =
    process.platform === 'linux'
      ? /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)]).toString();
  return Number(kib) / 1024;
}

const TARGETS: readonly [string, string, (() => unknown)?][] = [
  ['GET', '/capabilities'],
  ['GET', '/rooms'],
  ['GET', '/room/lobby'],
  ['GET', '/room/lobby/pollInfo/0'],
  ['GET', '/room/lobby/messages/recent'],
  ['GET', '/room/lobby/messages/since/0?t=r&reactors=5'],
  ['GET', '/nowhere'],
  ['POST', POST_TARGET, () => messageBody(member, 'not mine')],
  ['PUT', '/room/lobby/message/1', () => messageBody(member, 'not mine')],
  ['DELETE', '/room/lobby/message/1'],
  ['PUT', '/room/lobby', () => ({ name: 'Mine' })],
  ['POST', '/batch', () => [{ method: 'GET', path: '/rooms' }]],
];

/** Sends the same over HTTP and in an onion; answers the statuses. */
async function statusesOf(
  account: Account | undefined,
  [method, target, json]: (typeof TARGETS)[number],
  options: CallOptions = {},
): Promise<number[]> {
  const over = { ...options, ...(json && { json: json() }) };
  const { status } = await call(server, account, method, target, over);
  const { body, headers } = signed(account, method, target, over);
  const onion = onionRequest(server.publicKey, { method, endpoint: target, headers, body });
  const outer = await http(server.base, { method: 'POST', target: onion.path, body: onion.bytes });
  return [status, onion.readAnswer(outer.body).status];
}

/** Runs it many times and expects that nothing was stored. */
async function expectNoWrites(storm: () => Promise<void>): Promise<void> {
  const before = await everythingStored();
  await Promise.all(Array.from({ length: ROUNDS }, storm));
  expect(await everythingStored()).toEqual(before);
}

describe('no stranger without a valid signature causes a single write', () => {
  it('by a signature that does not fit, under a key of their own', async () => {
    await expectNoWrites(async () => {
      for (const target of TARGETS) {
        const auth = { signature: randomBytes(64) };
        expect(await statusesOf(newAccount(server), target, { auth })).toEqual([401, 401]);
      }
    });
  });

  it("by a signature that does not fit, under a member's key", async () => {
    await expectNoWrites(async () => {
      for (const target of TARGETS) {
        const auth = { signature: randomBytes(64) };
        expect(await statusesOf(member, target, { auth })).toEqual([401, 401]);
      }
    });
  });

  it('by a signature made for another server, another method or another path', async () => {
    await expectNoWrites(async () => {
      const account = newAccount(server);
      const auth = { serverPublicKey: randomBytes(32) };
      expect(await statusesOf(account, ['GET', '/rooms'], { auth })).toEqual([401, 401]);
      for (const [method, target] of [
        ['DELETE', '/rooms'],
        ['GET', '/room'],
        ['GET', '/rooms?a=b'],
      ] as const) {
        const { headers } = signed(account, method, target);
        expect((await call(server, undefined, 'GET', '/rooms', { headers })).status).toBe(401);
      }
    });
  });

  it('by a time that is too far away, a nonce that is none, or missing headers', async () => {
    await expectNoWrites(async () => {
      const account = newAccount(server);
      const now = Math.floor(Date.now() / 1000);
      const wrongs = [
        { timestamp: String(now - 86_500) },
        { timestamp: String(now + 86_500) },
        { timestamp: '99999999999999999999999' },
        { timestamp: `${now}.0` },
        { nonce: randomBytes(15) },
        { nonce: randomBytes(17) },
        { unblinded: true },
      ];
      for (const auth of wrongs)
        for (const status of await statusesOf(account, ['GET', '/rooms'], { auth }))
          expect([400, 425]).toContain(status);
      const { headers } = signed(account, 'GET', '/rooms');
      for (const name of Object.keys(headers)) {
        const { [name]: _, ...rest } = headers;
        expect((await call(server, undefined, 'GET', '/rooms', { headers: rest })).status).toBe(400);
      }
    });
  });

  it('by sending again what a member sent', async () => {
    await expectNoWrites(async () => {
      const answer = await http(
        server.base,
        { method: 'POST', target: POST_TARGET, body: seen.body },
        seen.headers,
      );
      expect(answer.status).toBe(425);
    });
  });

  it('by polling, joining or trying everything without any signature', async () => {
    await expectNoWrites(async () => {
      for (const target of TARGETS)
        for (const status of await statusesOf(undefined, target)) expect([200, 401, 404]).toContain(status);
    });
  });

  it('by keys that are none', async () => {
    const keys = ['00'.repeat(32), `01${'00'.repeat(31)}`, `${'ff'.repeat(31)}7f`, 'ff'.repeat(32)];
    await expectNoWrites(async () => {
      const { headers } = signed(newAccount(server), 'GET', '/rooms');
      for (const key of keys)
        for (const prefix of ['15', '00', '05', '25', 'ff']) {
          const forged = { ...headers, 'X-SOGS-Pubkey': prefix + key };
          expect((await call(server, undefined, 'GET', '/rooms', { headers: forged })).status).toBe(400);
        }
    });
  });

  it('while a valid signature does cause writes, so that this test can see them', async () => {
    const before = await everythingStored();
    expect((await call(server, newAccount(server), 'GET', '/capabilities')).status).toBe(200);
    const after = await everythingStored();
    expect(after.contents['users']).not.toBe(before.contents['users']);
    expect(after.transactions).not.toEqual(before.transactions);
    expect(after.nonces).not.toEqual(before.nonces);
  });

  it("and a member's nonce is not burnt by a stranger who saw it", async () => {
    const nonce = randomBytes(16);
    const forged = { nonce, signature: randomBytes(64) };
    expect((await call(server, newAccount(server), 'GET', '/rooms', { auth: forged })).status).toBe(401);
    expect((await call(server, member, 'GET', '/rooms', { auth: { nonce } })).status).toBe(200);
  });

  it('and the process stays, of a sane size', async () => {
    const before = memoryMib();
    const junk = randomBytes(100_000);
    for (let round = 0; round < 200; round++) {
      const batch = Array.from({ length: 10 }, () =>
        http(server.base, { method: 'POST', target: '/oxen/v4/lsrpc', body: junk }),
      );
      for (const { status } of await Promise.all(batch)) expect(status).toBe(400);
    }
    expect(memoryMib() - before).toBeLessThan(MEMORY_GROWTH_MAX_MIB);
    expect((await post(server, member, 'lobby', 'still here')).status).toBe(201);
    expect(server.stderr()).not.toContain('"level":50');
  });
});
