import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { EmbeddedStack } from '../support/faults/embedded-stack.js';
import { isLong, Moments, roundsOr, seed, tell } from '../support/faults/fault-run.js';
import { complaintsOf, Recoveries } from '../support/faults/judgement.js';
import { noDisk, SmallDisk } from '../support/faults/small-disk.js';
import { endEverything } from '../support/kept-processes.js';
import { describeUnless } from '../support/not-tried.js';
import { call, newAccount } from '../support/plaza-calls.js';
import { startPlaza } from '../support/plaza-process.js';
import { connect } from '../support/scratch-database.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(isLong ? 600_000 : 400_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const FILES_DISK_MIB = 8;
/** A fresh cluster takes some 70 MiB, most of them the log of transactions. */
const DATABASE_DISK_MIB = 160;
/** More than the disk holds. */
const LETTERS_MAX = 1_000;
/** Long enough for pauses between attempts to start PostgreSQL to have grown. */
const FULL_MAX_MS = isLong ? 30_000 : 7_000;
const SEGMENTS_MAX = 50;

/** Puts what is in a folder on a small disk that is mounted there. */
function diskUnder(folder: string): SmallDisk {
  renameSync(folder, `${folder}.before`);
  const disk = SmallDisk.mount(DATABASE_DISK_MIB, folder);
  execFileSync('cp', ['-a', `${folder}.before/.`, folder]);
  return disk;
}

/** Begins new segments until there is no room for the next, of which PostgreSQL dies. */
async function fillTransactionLog(databaseUrl: string): Promise<void> {
  try {
    const database = await connect(databaseUrl);
    for (let segment = 0; segment < SEGMENTS_MAX; segment++) {
      await database.query(`SELECT pg_logical_emit_message(false, 'faults', 'x')`);
      await database.query('SELECT pg_switch_wal()');
    }
  } catch {
    return; // dead, or dying already
  }
  throw new Error('PostgreSQL has room for its log');
}

describeUnless(noDisk(), 'a full disk', () => {
  it('for files refuses uploads with 503 and nothing else, and is over when there is room', async () => {
    const disk = SmallDisk.mount(FILES_DISK_MIB);
    const env = { FILES_URL: `file:${join(disk.folder, 'files')}` };
    const stack = await EmbeddedStack.start('full disk of files', { env });
    const [moments, recoveries] = [new Moments('full disk of files'), new Recoveries()];
    const ann = newAccount(stack.server);
    const upload = () => call(stack.server, ann, 'POST', '/room/lobby/file', { body: Buffer.alloc(9_000) });
    // Where others delete files there is room again.
    const refusal = async (): Promise<number> => {
      for (;;) {
        const { status } = await upload();
        if (status !== 201) return status;
        disk.fill();
      }
    };
    for (let round = 0; round < roundsOr(2, 5); round++) {
      disk.fill();
      await delay(moments.between(300, 1_500));
      expect(await refusal()).toBe(503);
      const text = await call(stack.server, ann, 'GET', '/room/lobby');
      expect(text.status).toBe(200);
      disk.free();
      recoveries.add('disk of files full', await stack.load.recovery(performance.now()));
    }
    recoveries.tell('full disk');
    expect([...(await complaintsOf(stack)), ...recoveries.late]).toEqual([]);
    expect((await upload()).status).toBe(201);
    await stack.stop();
    disk.unmount();
  });

  it('for the database alone is answered 503, loses nothing, and is over when there is room', async () => {
    const first = await startPlaza();
    await first.stop();
    const disk = diskUnder(join(first.dataDir, 'postgres'));
    const stack = await EmbeddedStack.start('full disk of the database', { dataDir: first.dataDir });
    const [moments, recoveries] = [new Moments('full disk of the database'), new Recoveries()];
    const { server } = stack;
    const ann = newAccount(server);
    await call(server, ann, 'GET', '/room/lobby');
    const json = { message: randomBytes(200_000).toString('base64') };
    const letter = () => call(server, ann, 'POST', `/inbox/${ann.blindedId}`, { json });
    for (let round = 0; round < roundsOr(2, 5); round++) {
      disk.fill();
      // First there is no room for rows, then none for the log of transactions, of which PostgreSQL dies.
      for (let count = 0; (await letter()).status === 201; count++) expect(count).toBeLessThan(LETTERS_MAX);
      await fillTransactionLog(stack.databaseUrl);
      await delay(moments.between(500, FULL_MAX_MS));
      expect((await letter()).status).toBe(503);
      disk.free();
      recoveries.add('disk of the database full', await stack.load.recovery(performance.now()));
      await delay(500);
    }
    recoveries.tell('full disk of the database');
    tell(`full disk of the database: ${stack.load.summary()}`);
    expect([...(await complaintsOf(stack)), ...recoveries.late]).toEqual([]);
    expect(server.stderr()).toContain('the embedded database is gone');
    await stack.stop();
    disk.unmount();
  });

  it('for everything is answered 503, loses nothing, and is over when there is room', async () => {
    const disk = SmallDisk.mount(DATABASE_DISK_MIB);
    const stack = await EmbeddedStack.start('full disk', { dataDir: join(disk.folder, 'data') });
    const [moments, recoveries] = [new Moments('full disk'), new Recoveries()];
    tell(`full disk: seed ${seed}`);
    for (let round = 0; round < roundsOr(2, 5); round++) {
      disk.fill();
      await delay(moments.between(2_000, 8_000));
      disk.free();
      recoveries.add('disk of everything full', await stack.load.recovery(performance.now()));
      await delay(500);
    }
    recoveries.tell('full disk');
    tell(`full disk: ${stack.load.summary()}`);
    expect([...(await complaintsOf(stack)), ...recoveries.late]).toEqual([]);
    await stack.stop();
    disk.unmount();
  });
});
