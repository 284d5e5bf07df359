import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from '../support/backup-contents.js';
import { endEverything, freshFolder, type Finished } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import {
  plazaCommand,
  PROJECT,
  runProgram,
  startPlaza,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(300_000);
beforeAll(() => sessionClientReady());
afterAll(endEverything);

const POSTS = 400;

/** Members who post as fast as the server lets them. */
function load(server: PlazaProcess): Promise<Finished> {
  const options = ['--base', server.base, '--pubkey', server.publicKey.toString('hex'), '--room', 'lobby'];
  return runProgram(
    process.execPath,
    [join(PROJECT, 'test/load/load.mjs'), ...options, '--workload', 'post', '--count', String(POSTS)],
    { dataDir: server.dataDir, cwd: PROJECT, timeoutMs: 200_000 },
  );
}

const recent = async (server: PlazaProcess, who: Account): Promise<{ id: number }[]> =>
  (await call(server, who, 'GET', '/room/lobby/messages/since/0?limit=256')).json;

describe('a backup of a server that is in use', () => {
  const folder = freshFolder();
  const file = join(folder, 'plaza.backup');
  const restoredDir = freshFolder();
  let member: Account;
  let acknowledged: number[];
  let fileId: number;
  let publicKey: Buffer;

  beforeAll(async () => {
    mkdirSync(folder);
    const server = await startPlaza();
    ({ publicKey } = server);
    member = newAccount(server);
    acknowledged = [];
    for (const text of ['one', 'two', 'three'])
      acknowledged.push((await post(server, member, 'lobby', text)).json.id);
    const uploaded = await call(server, member, 'POST', '/room/lobby/file', {
      body: Buffer.from('bytes of a file'),
    });
    fileId = uploaded.json.id;
    const loading = load(server);
    const backup = await server.plaza('backup', file);
    expect(await server.plaza('backup', file)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('already'),
    });
    expect(await server.plaza('backup', join(file, '..', 'nope', 'x'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no folder'),
    });
    expect(backup).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 files \(15 bytes\)/) });
    expect(await loading).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('refused {}'),
    });
    await server.stop();
    const restored = await plazaCommand({ dataDir: restoredDir }, 'restore', file);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Restored \d+ rows/) });
  });

  it('comes back row by row and byte by byte', async () => {
    const again = join(folder, 'again.backup');
    expect(await plazaCommand({ dataDir: restoredDir }, 'backup', again)).toMatchObject({ code: 0 });
    const [first, second] = [await contentsOf(file), await contentsOf(again)];
    first.digests.delete('{"kind":"settings"}');
    second.digests.delete('{"kind":"settings"}');
    expect([...second.digests]).toEqual([...first.digests]);
    expect(second.summary).toEqual(first.summary);
  });

  it('holds everything that was acknowledged before it began, and the server goes on from there', async () => {
    const server = await startPlaza({ dataDir: restoredDir });
    expect(server.publicKey).toEqual(publicKey);
    const ids = (await recent(server, member)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
    expect((await call(server, member, 'GET', `/room/lobby/file/${fileId}`)).text).toBe('bytes of a file');
    const { json } = await post(server, member, 'lobby', 'after the fire');
    expect(json.id).toBeGreaterThan(Math.max(...ids));
    await server.stop();
  });

  it('is refused by an installation in which there is anything', async () => {
    expect(await plazaCommand({ dataDir: restoredDir }, 'restore', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('This installation is not empty'),
    });
  });

  it('that is cut off or has a flipped bit is found out before anything is touched', async () => {
    const bytes = readFileSync(file);
    const spoilt = Buffer.from(bytes);
    spoilt[Math.floor(bytes.length / 2)]! ^= 4;
    for (const wrong of [spoilt, bytes.subarray(0, -20)]) {
      const [path, dataDir] = [join(folder, 'wrong.backup'), freshFolder()];
      writeFileSync(path, wrong);
      const expected = { code: 1, stderr: expect.stringContaining('damaged or cut off') };
      expect(await plazaCommand({ dataDir }, 'backup', 'verify', path)).toMatchObject(expected);
      expect(await plazaCommand({ dataDir }, 'restore', path)).toMatchObject(expected);
      expect(existsSync(dataDir)).toBe(false);
    }
  });

  it('can be encrypted, and turned over in a folder', async () => {
    const passphrase = join(folder, 'passphrase');
    writeFileSync(passphrase, 'correct horse\n');
    const backups = join(folder, 'nightly');
    mkdirSync(backups);
    for (const day of ['01', '02', '03'])
      writeFileSync(join(backups, `plaza-2020-01-${day}T000000Z.plaza-backup`), 'old');
    writeFileSync(join(backups, 'notes.txt'), 'of somebody else');
    const made = await plazaCommand(
      { dataDir: restoredDir },
      'backup',
      `${backups}/`,
      '--keep',
      '2',
      '--passphrase-file',
      passphrase,
    );
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('Removed: plaza-2020-01-01') });
    const names = readdirSync(backups).sort();
    expect(names).toEqual([
      'notes.txt',
      'plaza-2020-01-03T000000Z.plaza-backup',
      expect.stringMatching(/^plaza-20\d\d-.*Z\.plaza-backup$/),
    ]);
    const [dataDir, path] = [freshFolder(), join(backups, names.at(-1)!)];
    expect(await plazaCommand({ dataDir }, 'restore', path)).toMatchObject({ code: 1 });
    expect(await plazaCommand({ dataDir }, 'restore', path, '--passphrase-file', passphrase)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(dataDir, 'key_x25519'))).toEqual(readFileSync(join(restoredDir, 'key_x25519')));
  });
});
