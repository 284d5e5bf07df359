import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { overload } from '../support/faults/busy-machine.js';
import { ANSWER_MS_MAX } from '../support/faults/ledger.js';
import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, post, signed, type Answer } from '../support/plaza-calls.js';
import { postmasterPid, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { http, sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const UNLIMITED = { RATE_LIMIT_POSTS: '0' };
const TARGET = '/room/lobby/message';

/** A post as it went over the wire, and what was answered. */
interface Sent {
  headers: Record<string, string>;
  body: Buffer;
  data: string;
  status: number;
  message: { id: number; seqno: number };
}

/** Posts one after the other until the server is gone; notes those that it acknowledged. */
async function postUntilGone(server: PlazaProcess, account: Account, acknowledged: Sent[]): Promise<void> {
  for (let count = 1; ; count++) {
    const json = messageBody(account, `number ${count}`);
    const { headers, body } = signed(account, 'POST', TARGET, { json });
    try {
      const answer = await http(server.base, { method: 'POST', target: TARGET, body }, headers);
      const message = JSON.parse(answer.body.toString()) as Sent['message'];
      acknowledged.push({ headers, body: body!, data: json.data, status: answer.status, message });
    } catch {
      return;
    }
  }
}

async function allMessages(server: PlazaProcess): Promise<{ id: number; seqno: number; data: string }[]> {
  const messages = [];
  for (let seqno = 0; ;) {
    const page = (await call(server, undefined, 'GET', `/room/lobby/messages/since/${seqno}?limit=256`))
      .json as { id: number; seqno: number; data: string }[];
    if (page.length === 0) return messages;
    messages.push(...page);
    seqno = page.at(-1)!.seqno;
  }
}

describe('kill -9 of the server in the middle of posts', () => {
  let sent: Sent[];
  let server: PlazaProcess;

  beforeAll(async () => {
    const first = await startPlaza({ env: UNLIMITED });
    const accounts = Array.from({ length: 6 }, () => newAccount(first));
    sent = [];
    const posting = Promise.all(accounts.map((account) => postUntilGone(first, account, sent)));
    await until(() => sent.length > 100);
    await first.kill9();
    await posting;
    server = await startPlaza({ dataDir: first.dataDir, env: UNLIMITED });
  });
  afterAll(() => server.stop());

  it('loses no acknowledged message, nor its id and number', async () => {
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201]));
    const kept = new Map((await allMessages(server)).map((message) => [message.id, message]));
    const expected = sent.map(({ message: { id, seqno }, data }) => ({ id, seqno, data }));
    const found = expected.map(({ id }) => {
      const { seqno, data } = kept.get(id) ?? {};
      return { id, seqno, data };
    });
    expect(found).toEqual(expected);
  });

  it('gives no id or number away twice', async () => {
    const account = newAccount(server);
    const before = await allMessages(server);
    const { json } = await post(server, account, 'lobby', 'after the crash');
    expect(json.id).toBeGreaterThan(Math.max(...before.map(({ id }) => id)));
    expect(json.seqno).toBeGreaterThan(Math.max(...before.map(({ seqno }) => seqno)));
    const all = await allMessages(server);
    expect(new Set(all.map(({ seqno }) => seqno)).size).toBe(all.length);
  });

  it('lets no acknowledged request be replayed', async () => {
    const count = (await allMessages(server)).length;
    for (const { headers, body } of sent.slice(-30)) {
      const answer = await http(server.base, { method: 'POST', target: TARGET, body }, headers);
      expect(answer.status).toBe(425);
      expect(answer.body.toString()).toBe('Invalid authentication: X-SOGS-Nonce cannot be reused');
    }
    expect((await allMessages(server)).length).toBe(count);
  });
});

describe('kill -9 of the server', () => {
  it('leaves a database that the command reaches, without a server', async () => {
    const server = await startPlaza();
    await server.kill9();
    const { code, stdout } = await server.plaza('room', 'list', '--json');
    expect({ code, tokens: JSON.parse(stdout).map(({ token }: { token: string }) => token) }).toEqual({
      code: 0,
      tokens: ['lobby'],
    });
  });
});

describe('kill -9 of the database while the server runs', () => {
  const RECOVERY_MS = 10_000;
  let server: PlazaProcess;
  let answers: (Answer & { milliseconds: number })[];
  let acknowledged: number[];
  let recoveredAfterMs: number;
  let busyness: number;

  beforeAll(async () => {
    server = await startPlaza({ env: UNLIMITED });
    const account = newAccount(server);
    const timedPost = async (text: string) => {
      const started = Date.now();
      const answer = await post(server, account, 'lobby', text);
      return { ...answer, milliseconds: Date.now() - started };
    };
    answers = [await timedPost('before')];
    process.kill(await postmasterPid(server.dataDir), 'SIGKILL');
    const [killedAt, since] = [Date.now(), performance.now()];
    // Until ten in a row went well, so that a connection that broke unnoticed shows too.
    for (let good = 0; good < 10 && Date.now() < killedAt + 4 * RECOVERY_MS;) {
      const answer = await timedPost(`number ${answers.length}`);
      answers.push(answer);
      if (answer.status !== 201) good = 0;
      else if (++good === 1) recoveredAfterMs = Date.now() - killedAt;
      await delay(50);
    }
    busyness = overload(since);
    acknowledged = answers.filter(({ status }) => status === 201).map(({ json }) => json.id as number);
  });
  afterAll(() => server.stop());

  it('is answered 503 with Retry-After, nothing else', () => {
    const refusals = answers.filter(({ status }) => status !== 201);
    expect(refusals.length).toBeGreaterThan(0);
    for (const { status, headers, text } of refusals) {
      expect({ status, text }).toEqual({ status: 503, text: 'Service Unavailable' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it('lets no client wait', () => {
    expect(Math.max(...answers.map(({ milliseconds }) => milliseconds))).toBeLessThan(ANSWER_MS_MAX);
  });

  it('is over by itself within ten seconds, on a machine that can keep up', () => {
    expect(recoveredAfterMs).toBeLessThan(RECOVERY_MS * busyness);
  });

  it('loses nothing that was acknowledged', async () => {
    const kept = new Set((await allMessages(server)).map(({ id }) => id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });

  it('leaves the same process serving, still alone on its database', async () => {
    const run = JSON.parse(readFileSync(join(server.dataDir, 'run.json'), 'utf8')) as { pid: number };
    expect(run.pid).toBe(server.pid);
    expect(server.stderr()).toContain('the embedded database is gone; starting it again');
    expect(server.stderr()).not.toContain('"level":60');
  });
});
