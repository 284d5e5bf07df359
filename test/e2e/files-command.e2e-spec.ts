import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { call, newAccount } from '../support/plaza-calls.js';
import { plazaCommand, refusedStart, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { connect } from '../support/scratch-database.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

async function uploads(server: PlazaProcess, count: number, bytes: number): Promise<number[]> {
  const account = newAccount(server);
  const ids: number[] = [];
  for (let made = 0; made < count; made++) {
    const { json } = await call(server, account, 'POST', '/room/lobby/file', { body: Buffer.alloc(bytes) });
    ids.push(json.id);
  }
  return ids;
}

const pathOf = (dataDir: string, id: number): string =>
  join(dataDir, 'files', (id % 256).toString(16).padStart(2, '0'), String(id));

/** Runs SQL on the database of a running server. */
async function sql({ dataDir }: PlazaProcess, text: string, values: unknown[] = []): Promise<void> {
  const run = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { databaseUrl: string };
  const database = await connect(run.databaseUrl);
  await database.query(text, values);
  await database.end();
}

async function good(server: PlazaProcess, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.plaza('files', ...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

describe('plaza files usage', () => {
  it('counts by room and by uploader, the largest first', async () => {
    const server = await startPlaza();
    expect(await good(server, 'usage')).toBe('There are no files.\n');
    await uploads(server, 1, 1_000);
    await uploads(server, 2, 2_000_000);
    const out = await good(server, 'usage');
    expect(out).toMatch(
      /^ROOM +FILES +SIZE\nlobby +3 +4\.0 MB\n\nUPLOADER +FILES +SIZE\n15\w{64} +2 +4\.0 MB\n15\w{64} +1 +1\.0 kB\n$/,
    );
    const json = JSON.parse(await good(server, 'usage', '--json', '--top', '1')) as unknown;
    expect(json).toEqual({
      files: 3,
      bytes: 4_001_000,
      rooms: [{ room: 'lobby', files: 3, bytes: 4_001_000 }],
      uploaders: [{ uploader: expect.stringMatching(/^15/), files: 2, bytes: 4_000_000 }],
    });
    expect((await server.plaza('files', 'usage', '--top', 'all')).code).toBe(2);
    await server.stop();
  });
});

describe('plaza files check', () => {
  it('tells what differs, and repairs it when told to', async () => {
    const server = await startPlaza();
    const ids = await uploads(server, 20, 100);
    await sql(server, 'UPDATE files SET uploaded_at = uploaded_at - 7200');
    expect(await good(server, 'check')).toContain('Everything is in order.');
    for (const id of ids.slice(0, 15)) rmSync(pathOf(server.dataDir, id));
    await sql(server, 'DELETE FROM files WHERE id = $1', [ids[19]]);
    const old = Date.now() / 1000 - 7200;
    utimesSync(pathOf(server.dataDir, ids[19]!), old, old);
    const out = await good(server, 'check');
    expect(out).toMatch(/stored without a record +1\n/);
    expect(out).toMatch(/recorded, not stored +15\n/);
    const url = `file:${server.dataDir}/files`;
    expect(out).toContain(`Recorded files are missing from ${url}: 15 of 19. Is the disk mounted`);
    const json = JSON.parse(await good(server, 'check', '--json')) as unknown;
    expect(json).toMatchObject({ store: url, recorded: 19, hollow: 15, orphans: 1, strangers: 0 });
    expect((await server.plaza('files', 'check', '--repair')).code).toBe(1); // nobody can be asked
    expect(await good(server, 'check', '--repair', '--yes')).toContain(
      'Removed 1 stored files and 15 records.',
    );
    expect(await good(server, 'check')).toContain('Everything is in order.');
    await server.stop();
  });
});

describe('plaza files adopt', () => {
  it('lets a server start again whose files are lost', async () => {
    const dataDir = freshFolder();
    const server = await startPlaza({ dataDir });
    await uploads(server, 3, 100);
    await server.stop();
    rmSync(join(dataDir, 'files'), { recursive: true });
    const refused = await refusedStart({ dataDir });
    expect(refused.stderr).toMatch(
      /is not the one of this server: 3 files are recorded.*run: plaza files adopt\n$/,
    );
    expect((await plazaCommand({ dataDir }, 'files', 'adopt')).code).toBe(1); // nobody can be asked
    const { code, stdout } = await plazaCommand({ dataDir }, 'files', 'adopt', '--yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('It is now the store of this server.')]);
    await (await startPlaza({ dataDir })).stop();
  });
});
