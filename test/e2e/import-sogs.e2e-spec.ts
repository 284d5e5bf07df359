import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { call, newAccount, post, type Community } from '../support/plaza-calls.js';
import { plazaCommand, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { Account, sessionClientReady } from '../support/session-client.js';
import {
  copyReference,
  importArguments,
  referenceReads,
  type ReferenceRead,
} from '../support/sogs-samples.js';

jest.setTimeout(300_000);
beforeAll(() => sessionClientReady());
afterAll(endEverything);

const { accounts, reads, server_public: serverPublic } = referenceReads();

/** As they are compared: whole seconds of pins, and no counts of active users, which the worker makes. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'active_users')
      .map(([name, inner]) => [name, name === 'pinned_at' ? Math.floor(Number(inner)) : comparable(inner)]),
  );
}

async function answerTo(
  at: Community,
  { user, path }: ReferenceRead,
): Promise<Omit<ReferenceRead, 'user' | 'path'>> {
  const account =
    user === null ? undefined : new Account(Buffer.from(accounts[user]!.seed, 'hex'), at.publicKey);
  const { status, headers, body, json } = await call(at, account, 'GET', path);
  const disposition = headers['content-disposition'];
  if (status >= 300) return { status };
  if (disposition !== undefined) return { status, base64: body.toString('base64'), disposition };
  return { status, json: comparable(json) };
}

const expected = ({ user: _user, path: _path, ...answer }: ReferenceRead): object =>
  answer.json === undefined ? answer : { ...answer, json: comparable(answer.json) };

describe('a community that moved in from the reference server', () => {
  const dataDir = freshFolder();
  const source = copyReference(freshFolder());
  let server: PlazaProcess;
  beforeAll(async () => {
    const dry = await plazaCommand({ dataDir }, ...importArguments(source), '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('Would import 3 rooms') });
    expect(existsSync(dataDir)).toBe(false);
    expect(await plazaCommand({ dataDir }, ...importArguments(source))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Imported 3 rooms, 13 users, 24 messages and 2 files.'),
    });
    server = await startPlaza({ dataDir });
  });

  it('has its key', () => {
    expect(server.publicKey.toString('hex')).toBe(serverPublic);
    expect(readFileSync(join(dataDir, 'key_x25519'))).toEqual(readFileSync(source.key));
  });

  it('answers every read as the reference did', async () => {
    expect(reads).toHaveLength(152);
    const differences: unknown[] = [];
    // One after the other: two people arrive on the way.
    for (const read of reads) {
      const answer = await answerTo(server, read);
      if (JSON.stringify(sorted(answer)) !== JSON.stringify(sorted(expected(read))))
        differences.push({ user: read.user, path: read.path, answer, expected: expected(read) });
    }
    expect(differences).toEqual([]);
  });

  it('goes on counting where the reference stopped', async () => {
    const member = newAccount(server);
    const { status, json } = await post(server, member, 'fish', 'first one here');
    expect({ status, id: json.id, seqno: json.seqno }).toEqual({ status: 201, id: 25, seqno: 33 });
  });

  it('takes no second import', async () => {
    expect(await plazaCommand({ dataDir }, ...importArguments(source))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('This installation is not empty'),
    });
  });
});

/** With the names of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

describe('an import is refused', () => {
  const refused = async (
    source: ReturnType<typeof copyReference>,
    ...more: string[]
  ): Promise<{ code: number | null; stderr: string; dataDir: string }> => {
    const dataDir = freshFolder();
    const { code, stderr } = await plazaCommand({ dataDir }, ...importArguments(source), ...more);
    return { code, stderr, dataDir };
  };

  it('with a key of another length', async () => {
    const source = copyReference(freshFolder());
    writeFileSync(`${source.key}.short`, Buffer.alloc(31));
    const { code, stderr, dataDir } = await refused({ ...source, key: `${source.key}.short` });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('has 31 bytes') });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('without uploads that are recorded, unless told to go on; and says which', async () => {
    const source = { ...copyReference(freshFolder()), uploads: freshFolder() };
    const { code, stderr, dataDir } = await refused(source);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/files, 2 refused: .*Ids: 1 \(uploads\/fish\/1_room\.png\), 2 \(/),
    });
    expect(existsSync(join(dataDir, 'key_x25519'))).toBe(false);
    const taken = await plazaCommand({ dataDir }, ...importArguments(source), '--allow-missing-files');
    expect(taken).toMatchObject({ code: 0, stdout: expect.stringContaining('24 messages and 0 files') });
  });
});
