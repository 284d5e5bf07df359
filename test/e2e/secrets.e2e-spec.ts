import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { AdminClient, cookiesOf } from '../support/admin-client.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { letterTo } from '../support/login-letter.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post, untilModerator } from '../support/plaza-calls.js';
import { refusedStart, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { redisProgram, ScratchRedis } from '../support/scratch-redis.js';
import { ScratchS3 } from '../support/scratch-s3.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

jest.setTimeout(300_000);

const FILE_TIMEOUT_MS = 90_000;
const REPORT_SIGNAL = 'SIGWINCH';
const SNAPSHOT_SIGNAL = 'SIGUSR2';

let postgres: EmbeddedPostgres;
let redis: ScratchRedis | undefined;
let s3: ScratchS3;
let bot: WebhookReceiver;
let server: PlazaProcess;
let admin: AdminClient;
/** Where the server writes what is asked of it by signal. */
const diagnostics = freshFolder();
/** What nobody may read anywhere, by what it is. */
const secrets = new Map<string, string | Buffer>();
/** What the server and programs that did not start wrote, and what was answered. */
const written: string[] = [];

/** A secret as it might be written, too: in hex, base64, percent-encoded, in part. */
function formsOf(secret: string | Buffer): string[] {
  const bytes = Buffer.from(secret);
  const [base64, url] = [bytes.toString('base64'), bytes.toString('base64url')];
  const forms = [bytes.toString('latin1'), bytes.toString('hex'), base64.replace(/=+$/, ''), url];
  if (typeof secret === 'string')
    forms.push(encodeURIComponent(secret), secret.slice(0, 20), secret.slice(-20));
  return forms;
}

function foundIn(text: string): string[] {
  return [...secrets]
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([what]) => what);
}

const note = <Answered extends { text: string; headers: object }>(answer: Answered): Answered => {
  written.push(answer.text, JSON.stringify(answer.headers));
  return answer;
};

function secretFile(what: string, secret: string): string {
  secrets.set(what, secret);
  const path = `${diagnostics}-${what.replaceAll(' ', '-')}`;
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return path;
}

const withoutPassword = (url: string): string => url.replace(/:[^:@/]*@/, '@');

async function settings(): Promise<Record<string, string>> {
  const password = decodeURIComponent(new URL(postgres.url).password);
  const access = s3.environment('files');
  return {
    LOG_LEVEL: 'trace',
    METRICS_PORT: '0',
    PUBLIC_URL: 'https://chat.example',
    WEBHOOK_PRIVATE_ADDRESSES: 'true',
    DATABASE_URL: withoutPassword(postgres.url),
    DATABASE_PASSWORD_FILE: secretFile('the password of the database', password),
    FILES_URL: access['FILES_URL']!,
    AWS_ENDPOINT_URL: access['AWS_ENDPOINT_URL']!,
    AWS_ACCESS_KEY_ID: access['AWS_ACCESS_KEY_ID']!,
    AWS_SECRET_ACCESS_KEY_FILE: secretFile('the secret of S3', randomBytes(30).toString('base64')),
    ...(redis && {
      REDIS_URL: withoutPassword(redis.url).replace('redis://@', 'redis://'),
      REDIS_PASSWORD_FILE: secretFile(
        'the password of Redis',
        decodeURIComponent(new URL(redis.url).password),
      ),
    }),
  };
}

beforeAll(async () => {
  await sessionClientReady();
  mkdirSync(diagnostics);
  postgres = await startOwnPostgres();
  if (redisProgram) redis = await ScratchRedis.start({ password: randomBytes(24).toString('hex') });
  else console.log('No Redis is installed, so there is no password of it to look for');
  [s3, bot] = [await ScratchS3.start(), await WebhookReceiver.open()];
  const dataDir = freshFolder();
  mkdirSync(dataDir);
  const key = randomBytes(32);
  secrets.set('the private key', key);
  writeFileSync(join(dataDir, 'key_x25519'), key, { mode: 0o400 });
  const toDiagnose = `--diagnostic-dir=${diagnostics} --heapsnapshot-signal=${SNAPSHOT_SIGNAL} --report-on-signal --report-signal=${REPORT_SIGNAL} --report-directory=${diagnostics}`;
  server = await startPlaza({ dataDir, env: { ...(await settings()), NODE_OPTIONS: toDiagnose } });
  await use();
  await fail();
  await refuseStarts(key);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
  await s3?.stop();
  await bot?.close();
});
afterAll(endEverything);

/** All secrets are used as they are meant to be; what shows one on purpose is not kept. */
async function use(): Promise<void> {
  const token = (await server.plaza('token', 'create', '--name', 'ops', '--role', 'admin')).stdout.trim();
  secrets.set('an admin token', token);
  admin = AdminClient.withToken(server.base, token);
  const wish = { url: bot.url, name: 'bot', events: ['*'] };
  secrets.set('the secret of a webhook', (await admin.post('/webhooks', wish)).json.secret as string);
  await logIn();
  const ann = newAccount(server);
  await post(server, ann, 'lobby', 'hello');
  for (const path of [
    '/session',
    '/tokens',
    '/webhooks',
    '/webhooks/1',
    '/webhooks/1/deliveries',
    '/log',
    '/server',
  ])
    note(await admin.get(path));
}

/** A moderator asks for a link, opens it, and works with the cookie. */
async function logIn(): Promise<void> {
  const mod = newAccount(server);
  await call(server, mod, 'GET', '/room/lobby');
  await server.plaza('moderator', 'add', mod.blindedId, '--room', 'lobby');
  await untilModerator(server, mod);
  const nobody = new AdminClient(server.base);
  const asked = await nobody.post('/login', { sessionId: mod.blindedId });
  const code = /#code=(\S+)/.exec(await letterTo(mod, server))![1]!;
  const cookieOf = (cookies: Record<string, string>): Record<string, string> => ({
    cookie: Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  });
  const redeemed = await nobody.post('/login/redeem', { code }, cookieOf(cookiesOf(asked)));
  secrets.set('a login code', code);
  secrets.set('what a browser asks with', cookiesOf(asked)['plaza_login']!);
  secrets.set('the cookie of a session', cookiesOf(redeemed)['plaza_session']!);
  const browser = nobody.with(cookieOf(cookiesOf(redeemed)));
  const { json } = await browser.get('/session');
  secrets.set('a token against forgery', json.csrfToken as string);
  note(await browser.get('/rooms/lobby/messages'));
  // Used up.
  note(await nobody.post('/login/redeem', { code }, cookieOf(cookiesOf(asked))));
}

/** Everything around the server breaks, and guesses come that are nearly right. */
async function fail(): Promise<void> {
  const token = secrets.get('an admin token') as string;
  for (const guess of [`${token.slice(0, -1)}_`, `${token}A`, token.slice(0, -1), `x${token}`])
    note(await AdminClient.withToken(server.base, guess).get('/tokens'));
  const cookie = `plaza_session=${secrets.get('the cookie of a session') as string}`;
  const browser = new AdminClient(server.base, { cookie });
  note(await browser.post('/rooms/lobby/announcements', { text: 'x' }, { 'x-csrf-token': 'wrong' }));
  note(await new AdminClient(server.base, { cookie: `${cookie}A` }).get('/session'));
  note(await admin.post('/webhooks', { url: 'no address', name: token, events: [] }));
  bot.answer = { status: 500, body: 'no' };
  const ann = newAccount(server);
  await post(server, ann, 'lobby', 'told in vain');
  for (const kind of ['silence', 'status'] as const) {
    s3.fault = kind === 'silence' ? { kind } : { kind, status: 403, code: 'SignatureDoesNotMatch' };
    note(await call(server, ann, 'POST', '/room/lobby/file', { body: randomBytes(100) }));
  }
  s3.fault = undefined;
  await redis?.stop();
  await seen(ann);
  await redis?.restart();
  await postgres.stop();
  await seen(ann);
  await postgres.restart();
  for (let good = 0; good < 3; await delay(100)) if ((await seen(ann)) === 200) good++;
}

/** What anybody sees of it in this moment; whether it is ready. */
async function seen(account: ReturnType<typeof newAccount>): Promise<number> {
  note(await call(server, account, 'GET', '/rooms'));
  note(await admin.get('/server'));
  return note(await call(server, undefined, 'GET', '/health/ready')).status;
}

/** Starts that go wrong, with what is wrong about a secret. */
async function refuseStarts(key: Buffer): Promise<void> {
  const env = await settings();
  const wrong = (name: string) => secretFile(`a wrong ${name}`, `Wrong${randomBytes(20).toString('hex')}`);
  const keyFile = (name: string, bytes: Buffer, mode: number): string => {
    const path = `${diagnostics}-${name}`;
    writeFileSync(path, bytes);
    chmodSync(path, mode);
    return path;
  };
  const starts: [reason: RegExp, over: Record<string, string>][] = [
    [/password authentication failed/, { DATABASE_PASSWORD_FILE: wrong('database') }],
    [/DATABASE_URL cannot be used/, { DATABASE_URL: `postgres://u:${key.toString('hex')}@[broken/x` }],
    [/has 33 bytes/, { KEY_FILE: keyFile('long-key', Buffer.concat([key, Buffer.alloc(1)]), 0o400) }],
    [/may be read by others/, { KEY_FILE: keyFile('open-key', key, 0o644) }],
    ...(redis
      ? [
          [
            /Redis/,
            { REDIS_PASSWORD_FILE: wrong('redis'), KEY_FILE: join(server.dataDir, 'key_x25519') },
          ] as [RegExp, Record<string, string>],
        ]
      : []),
  ];
  for (const [reason, over] of starts) {
    const { code, stdout, stderr } = await refusedStart({ env: { ...env, ...over } });
    expect(stderr).toMatch(reason);
    expect(code).toBe(1);
    written.push(stdout, stderr);
  }
}

async function metrics(): Promise<string> {
  const port = /"metricsPort":(\d+)/.exec(server.stderr())![1]!;
  return (await http(`http://127.0.0.1:${port}`, { method: 'GET', target: '/metrics' })).body.toString();
}

/** The file that the server writes on a signal, once it is whole. */
async function diagnosed(signal: NodeJS.Signals, name: RegExp): Promise<string> {
  process.kill(server.pid, signal);
  for (const until = Date.now() + FILE_TIMEOUT_MS; Date.now() < until; await delay(200)) {
    const file = readdirSync(diagnostics).find((each) => name.test(each));
    if (!file) continue;
    const text = readFileSync(join(diagnostics, file), 'latin1');
    if (/(\n|\])\}\s*$/.test(text.slice(-20))) return text;
  }
  throw new Error(`nothing was written on ${signal}`);
}

it('no secret is logged, answered or told by a start that fails', () => {
  expect(foundIn([server.stdout(), server.stderr(), ...written].join('\n'))).toEqual([]);
  // It did break, and there was much to find something in.
  expect(server.stderr()).toContain('the database is not available');
  expect(written.length).toBeGreaterThan(30);
  expect(secrets.size).toBeGreaterThanOrEqual(9);
});

it('no secret is in metrics or on public pages', async () => {
  const texts = [await metrics()];
  for (const target of [
    '/',
    '/r/lobby/',
    '/api/openapi.json',
    '/admin/openapi.json',
    '/health/live',
    '/admin/',
  ])
    texts.push((await http(server.base, { method: 'GET', target })).body.toString('latin1'));
  expect(texts[0]).toContain('plaza_requests_total');
  expect(foundIn(texts.join('\n'))).toEqual([]);
});

it('secrets from files are in no diagnostic report', async () => {
  const report = await diagnosed(REPORT_SIGNAL, /^report\..*\.json$/);
  expect(JSON.parse(report)).toMatchObject({ environmentVariables: { LOG_LEVEL: 'trace' } });
  expect(foundIn(report)).toEqual([]);
});

it('of secrets that others keep, nothing stays in memory after their use', async () => {
  await delay(3_000);
  const heap = await diagnosed(SNAPSHOT_SIGNAL, /\.heapsnapshot$/);
  const inHeap = foundIn(heap);
  // What the server needs for the next connection is there, so that the search finds what there is.
  expect(inHeap).toContain('the password of the database');
  const others = ['an admin token', 'a login code', 'what a browser asks with', 'the cookie of a session'];
  for (const what of others) expect(inHeap).not.toContain(what);
});
