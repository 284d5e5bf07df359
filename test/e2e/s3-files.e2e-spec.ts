import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { S3BlobStore } from '../../libs/storage/s3-blob-store.js';
import { emptyWorkingFolder, endEverything, freshFolder, spawnKept } from '../support/kept-processes.js';
import { call, messageBody, newAccount, onionCall, post } from '../support/plaza-calls.js';
import {
  environmentOf,
  plazaCommand,
  PROJECT,
  refusedStart,
  startPlaza,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { ScratchS3 } from '../support/scratch-s3.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let s3: ScratchS3;
beforeAll(async () => {
  await sessionClientReady();
  s3 = await ScratchS3.start();
});
afterAll(endEverything);
afterAll(() => s3.stop());
beforeEach(() => {
  s3.fault = undefined;
});

/** Ids of what is in the bucket under a prefix. */
async function stored(prefix: string): Promise<number[]> {
  const store = new S3BlobStore({ kind: 's3', bucket: s3.bucket, prefix }, s3.access);
  const ids: number[] = [];
  for await (const page of store.list()) ids.push(...page.map(({ id }) => id));
  store.close();
  return ids.sort((a, b) => a - b);
}

const upload = (at: PlazaProcess, by: Account, body: Buffer) =>
  call(at, by, 'POST', '/room/lobby/file', {
    body,
    headers: { 'Content-Disposition': 'attachment; filename="a.bin"' },
  });
const download = (at: PlazaProcess, id: number) => call(at, undefined, 'GET', `/room/lobby/file/${id}`);

async function uploaded(at: PlazaProcess, by: Account, body = randomBytes(2000)): Promise<number> {
  const { status, json } = await upload(at, by, body);
  expect(status).toBe(201);
  return json.id;
}

describe('a server with its files in S3', () => {
  let server: PlazaProcess;
  let ann: Account;
  beforeAll(async () => {
    server = await startPlaza({ env: s3.environment('served') });
    ann = newAccount(server);
  });
  afterAll(() => server.stop());

  it('says where they are', () => expect(server.stdout()).toContain('s3://plaza-files/served'));

  it.each([0, 1, 1_000_000])(
    'takes %d bytes and gives them back, over HTTP and in an onion',
    async (size) => {
      const bytes = randomBytes(size);
      const id = await uploaded(server, ann, bytes);
      expect(await stored('served')).toContain(id);
      const answer = await download(server, id);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-disposition']).toContain('a.bin');
      expect(answer.body.equals(bytes)).toBe(true);
      const inOnion = await onionCall(server, undefined, 'GET', `/room/lobby/file/${id}`);
      expect([inOnion.status, inOnion.body.equals(bytes)]).toEqual([200, true]);
    },
  );

  it('answers 503 for files while S3 is away, serves everything else, and recovers', async () => {
    const id = await uploaded(server, ann);
    s3.fault = { kind: 'status', status: 500, code: 'InternalError' };
    const refused = [await upload(server, ann, randomBytes(10)), await download(server, id)];
    expect(refused.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [503, expect.any(String)],
      [503, expect.any(String)],
    ]);
    expect((await post(server, ann, 'lobby', 'still here')).status).toBe(201);
    s3.fault = undefined;
    expect((await download(server, id)).status).toBe(200);
    await until(() =>
      server.stderr().includes('The file store s3://plaza-files/served fails (InternalError, status 500).'),
    );
  });

  it('has commands that do not touch files work without S3', async () => {
    s3.fault = { kind: 'status', status: 500, code: 'InternalError' };
    s3.requests.length = 0;
    expect((await server.plaza('room', 'list')).code).toBe(0);
    expect((await server.plaza('files', 'usage')).code).toBe(0);
    expect(s3.requests).toEqual([]);
    const { code, stderr } = await server.plaza('files', 'check');
    expect([code, stderr.trim()]).toEqual([
      1,
      'The file store s3://plaza-files/served fails (InternalError, status 500).',
    ]);
  });
});

describe('the worker', () => {
  it('removes expired files from S3, and keeps those of messages', async () => {
    const env = { ...s3.environment('pruned'), RUN_WORKER: 'true', UPLOAD_LIFETIME: '10s' };
    const server = await startPlaza({ env });
    const ann = newAccount(server);
    const kept = await uploaded(server, ann);
    const { data, signature } = messageBody(ann, 'with a file');
    const posted = await call(server, ann, 'POST', '/room/lobby/message', {
      json: { data, signature, files: [kept] },
    });
    expect(posted.status).toBe(201);
    const expiring = await uploaded(server, ann);
    expect(await stored('pruned')).toEqual([kept, expiring]);
    await until(async () => !(await stored('pruned')).includes(expiring));
    expect(await stored('pruned')).toEqual([kept]);
    expect((await download(server, expiring)).status).toBe(404);
    await server.stop();
  });
});

describe('a start is refused, with what to do', () => {
  it.each([
    [
      'an address that is none',
      { FILES_URL: 'minio://me:hunter2@host/b' },
      /FILES_URL is "minio:\/\/…@host\/b", expected file:PATH/,
    ],
    [
      'half a pair of keys',
      { AWS_ACCESS_KEY_ID: '' },
      /AWS_ACCESS_KEY_ID is not set, but its counterpart is/,
    ],
    [
      'a server that is not there',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      /cannot be reached at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
  ])('for %s', async (_, over, text) => {
    const env = { ...s3.environment('refused'), AWS_SECRET_ACCESS_KEY: 'hunter2', ...over };
    const { code, stderr } = await refusedStart({ env });
    expect(code).toBe(1);
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/hunter2|\n\s+at /);
  });

  it('for the files of another server', async () => {
    const env = s3.environment('taken');
    const first = await startPlaza({ env });
    await first.stop();
    const { code, stderr } = await refusedStart({ env });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `belongs to another server, the one with the key ${first.publicKey.toString('hex')}`,
    );
  });
});

describe('plaza files move', () => {
  it('brings a running server from a folder to S3 and loses nothing', async () => {
    const dataDir = freshFolder();
    const before = await startPlaza({ dataDir });
    const ann = newAccount(before);
    const contents = new Map<number, Buffer>();
    const add = async (at: PlazaProcess): Promise<void> => {
      const bytes = randomBytes(5000);
      contents.set(await uploaded(at, ann, bytes), bytes);
    };
    for (let count = 0; count < 10; count++) await add(before);

    const access = s3.environment('moved');
    const url = access['FILES_URL']!;
    const { FILES_URL: _, ...awsOnly } = access;
    const move = (env: Record<string, string>, ...args: string[]) =>
      plazaCommand({ dataDir, env }, 'files', 'move', '--to', url, ...args);
    const first = await move(awsOnly);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain(`Copied 10 files (50 kB) to ${url}; 0 were there already.`);
    expect(first.stdout).toContain(`Set FILES_URL=${url} and restart the server`);
    await add(before); // meanwhile
    await before.stop();

    const after = await startPlaza({ dataDir, env: access });
    await add(after);
    const source = `file:${dataDir}/files`;
    const second = await move(access, '--from', source, '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({
      from: source,
      to: url,
      state: 'complete',
      copied: { files: 1 },
      skipped: { files: 11 },
      missing: 0,
    });
    expect((await move(access, '--from', source, '--delete-source')).code).toBe(1); // nobody can be asked
    const third = await move(access, '--from', source, '--delete-source', '--yes');
    expect(third.stdout).toContain(`Removed 11 files from ${source}.`);
    for (const [id, bytes] of contents) expect((await download(after, id)).body.equals(bytes)).toBe(true);
    await after.stop();

    const back = await refusedStart({ dataDir });
    expect(back.stderr).toContain('is not the one of this server: 12 files are recorded');
  });

  it('stops at Ctrl-C with what is under way finished, and goes on when run again', async () => {
    const server = await startPlaza();
    const ann = newAccount(server);
    for (let count = 0; count < 40; count++) await uploaded(server, ann);
    const { FILES_URL: to, ...env } = s3.environment('stopped');
    s3.fault = { kind: 'slow', ms: 300 };
    s3.requests.length = 0;
    const child = spawnKept(join(PROJECT, 'bin', 'plaza'), ['files', 'move', '--to', to!], {
      cwd: emptyWorkingFolder(),
      env: environmentOf({ dataDir: server.dataDir, env }),
    });
    const puts = () => s3.requests.filter((request) => /^PUT .*\/\d+\?/.test(request)).length;
    while (!child.isGone() && puts() < 10) await delay(5);
    process.kill(child.pid, 'SIGINT');
    const { code, stderr } = await child.finished;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('Stopping after the files that are under way…'),
    ]);
    const [, copied] = /Stopped: (\d+) of 40 files are there\. Run the same command again to go on\./.exec(
      stderr,
    )!;
    expect(await stored('stopped')).toHaveLength(Number(copied));
    expect(Number(copied)).toBeGreaterThanOrEqual(10);
    expect(Number(copied)).toBeLessThan(40);

    s3.fault = undefined;
    const again = await plazaCommand(
      { dataDir: server.dataDir, env },
      'files',
      'move',
      '--to',
      to!,
      '--json',
    );
    expect(JSON.parse(again.stdout)).toMatchObject({
      state: 'complete',
      skipped: { files: Number(copied) },
      copied: { files: 40 - Number(copied) },
    });
    await server.stop();
  });

  it('is refused where it makes no sense', async () => {
    const dataDir = freshFolder();
    const server = await startPlaza({ dataDir });
    const tell = async (...args: string[]) => {
      const { code, stdout, stderr } = await server.plaza('files', 'move', ...args);
      expect([code, stdout]).toEqual([1, '']);
      return stderr.trim();
    };
    const files = `file:${dataDir}/files`;
    for (const to of [files, `${files}/deeper`])
      expect(await tell('--to', to)).toContain('are the same place, or one lies in the other');
    expect(await tell('--to', 'ftp://x')).toContain('--to ftp://x cannot be used. It must be file:PATH');
    expect(
      await tell('--from', files, '--to', `file:${dataDir}/other`, '--delete-source', '--yes'),
    ).toContain(`FILES_URL is still ${files}. Set it to file:${dataDir}/other and restart the server`);
    await server.stop();
  });
});
