import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { inventoriedNames } from '../support/privacy-inventory.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import {
  sessionClientReady,
  sessionMessage,
  signedMessage,
  type Account,
} from '../support/session-client.js';

jest.setTimeout(300_000);

const run = promisify(execFile);
const HOUSEKEEPING_TIMEOUT_MS = 60_000;
/** Too large to lie beside its row, and not to be compressed. */
const LONG_BYTES = 60_000;

let server: PlazaProcess;
let ann: Account;
let ben: Account;
let database: Client;
/** What is to be gone, by the words that it can be found by. */
const traces = new Map<string, string>();

/** A word that is nowhere else, as part of what it stands for. */
function trace(what: string): string {
  const word = `Trace${randomBytes(9).toString('hex')}`;
  traces.set(word, what);
  return word;
}

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { LOG_LEVEL: 'trace', RATE_LIMIT_POSTS: '0', METRICS_PORT: '0' } });
  [ann, ben] = [newAccount(server), newAccount(server)];
  const { databaseUrl } = JSON.parse(readFileSync(join(server.dataDir, 'run.json'), 'utf8')) as {
    databaseUrl: string;
  };
  database = new Client({ connectionString: databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await endEverything();
});

async function expectOk<Answered extends { status: number; text: string }>(
  answer: Promise<Answered>,
): Promise<Answered> {
  const answered = await answer;
  if (answered.status >= 300) throw new Error(`${answered.status} ${answered.text}`);
  return answered;
}

const signedText = (account: Account, text: string, displayName?: string) =>
  signedMessage(account, sessionMessage(text, displayName === undefined ? {} : { displayName }));

/** Of a message of `ann` in the lobby. */
async function posted(json: object): Promise<number> {
  return (await expectOk(call(server, ann, 'POST', '/room/lobby/message', { json }))).json.id as number;
}

const remove = (id: number) => expectOk(call(server, ann, 'DELETE', `/room/lobby/message/${id}`));

/** Things that stay, around those that go: pages are shared. */
async function fill(): Promise<void> {
  for (let count = 0; count < 20; count++)
    await expectOk(post(server, ben, 'lobby', `stays ${randomBytes(60).toString('hex')}`));
}

async function makeAndDelete(): Promise<void> {
  await fill();
  const message = await posted(signedText(ann, trace('a message'), trace('a display name')));
  const long = await posted(
    signedText(ann, `${trace('a long message')} ${randomBytes(LONG_BYTES / 2).toString('hex')}`),
  );
  const edited = await posted(signedText(ann, trace('a message before its edit')));
  const json = signedText(ann, trace('a message after its edit'));
  await expectOk(call(server, ann, 'PUT', `/room/lobby/message/${edited}`, { json }));
  const emoji = ['\u{1f9ad}', '\u{1fabc}', '\u{1f9ff}', '\u{1fab8}', '\u{1f9ad}'].join('');
  traces.set(emoji, 'a reaction');
  const reaction = `/room/lobby/reaction/${message}/${encodeURIComponent(emoji)}`;
  await expectOk(call(server, ben, 'PUT', reaction, { body: Buffer.alloc(0) }));
  const withFile = await postFile();
  await directMessage();
  await expectOk(post(server, ann, 'lobby', trace('a message that goes with all of its author')));
  const room = ['room', 'create', 'gone', '--name', trace('the name of a room')];
  await ok(server.plaza(...room, '--description', trace('the description of a room')));
  await expectOk(post(server, ben, 'gone', trace('a message in a room that goes')));
  await fill();
  await database.query('ANALYZE');
  await database.query('CHECKPOINT');
  // Otherwise a search that finds nothing would say nothing.
  expect(await found()).toEqual(new Set(traces.values()));

  for (const id of [message, long, edited, withFile]) await remove(id);
  await expectOk(call(server, ben, 'DELETE', '/inbox'));
  await ok(server.plaza('user', 'delete-posts', ann.blindedId, '--yes'));
  await ok(server.plaza('room', 'delete', 'gone', '--yes'));
}

async function postFile(): Promise<number> {
  const bytes = Buffer.from(`${trace('a file')} ${randomBytes(5_000).toString('hex')}`);
  const headers = { 'Content-Disposition': `attachment; filename="${trace('the name of a file')}.txt"` };
  const target = '/room/lobby/file';
  const { json } = await expectOk(call(server, ann, 'POST', target, { body: bytes, headers }));
  return posted({ ...signedText(ann, 'with a file'), files: [json.id] });
}

async function directMessage(): Promise<void> {
  const message = Buffer.from(`${trace('a direct message')} ${randomBytes(100).toString('hex')}`);
  const target = `/inbox/${ben.blindedId}`;
  await expectOk(call(server, ben, 'GET', '/inbox'));
  await expectOk(call(server, ann, 'POST', target, { json: { message: message.toString('base64') } }));
}

async function ok(finished: Promise<{ code: number | null; stderr: string }>): Promise<void> {
  const { code, stderr } = await finished;
  if (code !== 0) throw new Error(stderr);
}

/** Until the worker has removed the file of the message. */
async function housekept(): Promise<void> {
  for (const until = Date.now() + HOUSEKEEPING_TIMEOUT_MS; ; await delay(200)) {
    const { rows } = await database.query<{ files: string }>('SELECT count(*) AS files FROM files');
    if (rows[0]!.files === '0') return;
    if (Date.now() > until) throw new Error('the worker does not remove the file');
  }
}

/** What is somewhere in the data folder, or was written by the server. With `where`, also in which files. */
async function found(where?: Map<string, string[]>): Promise<Set<string>> {
  const written = server.stdout() + server.stderr();
  const here = new Set<string>();
  for (const [word, what] of traces) {
    const { stdout } = await run('grep', ['-rlaF', '-e', word, server.dataDir]).catch(
      (error: { code: number; stdout: string; stderr: string }) => {
        // PostgreSQL removes files while they are looked through.
        const isHarmless = error.stderr
          .split('\n')
          .every((line) => line === '' || /: No such file/.test(line));
        if (error.code === 1 || (error.code === 2 && isHarmless)) return error;
        throw error;
      },
    );
    const files = stdout.split('\n').filter((file) => file !== '');
    if (written.includes(word)) files.push('what the server wrote');
    if (files.length > 0) here.add(what);
    where?.set(what, files);
  }
  return here;
}

it('what was deleted is in no file of the data folder after housekeeping and an erasure, nor in any log', async () => {
  await makeAndDelete();
  await housekept();
  await ok(server.plaza('erase', '--yes'));
  const where = new Map<string, string[]>();
  await found(where);
  expect([...where].filter(([, files]) => files.length > 0)).toEqual([]);
  expect(traces.size).toBe(13);
});

describe('while a server is in use', () => {
  it('its data folder has what PRIVACY.md says, and only its account reads there', () => {
    const names = readdirSync(server.dataDir).sort();
    expect(names).toEqual(inventoriedNames('On disk'));
    const open = names.filter((name) => (statSync(join(server.dataDir, name)).mode & 0o077) !== 0);
    expect(open).toEqual(['plaza.lock']);
  });

  it('nobody’s visits are known better than to the hour', async () => {
    await expectOk(call(server, ann, 'GET', '/room/lobby/messages/recent'));
    const visits = async (table: string): Promise<number[]> => {
      const { rows } = await database.query<{ at: number }>(
        `SELECT last_active_at AS at FROM ${table} WHERE last_active_at IS NOT NULL`,
      );
      return rows.map(({ at }) => at);
    };
    // They are written every few seconds.
    while ((await visits('room_activity')).length === 0) await delay(200);
    const times = [...(await visits('users')), ...(await visits('room_activity'))];
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(times.filter((at) => at % 3600 !== 0)).toEqual([]);
  });
});
