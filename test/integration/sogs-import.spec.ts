import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSogs } from '../../libs/community/transfer/sogs/open-sogs.js';
import { makeLargeSogs } from '../support/large-sogs.js';
import { PROJECT } from '../support/plaza-process.js';
import { connect, scratchDatabase } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { copyReference, type SogsPaths } from '../support/sogs-samples.js';
import { NOW, TransferScene } from '../support/transfer-scene.js';

let scene: TransferScene;
let folder: string;
beforeEach(async () => {
  [scene, folder] = [await TransferScene.make(), await scratchFolder()];
});
afterEach(async () => {
  await scene.end();
  await removeFolder(folder);
});

const reference = (...changes: string[]): SogsPaths => copyReference(join(folder, 'reference'), changes);
const signature = `zeroblob(64)`;
const message = (columns: string, values: string): string =>
  `INSERT INTO messages (id, room, "user", seqno_creation, seqno_data, ${columns}) VALUES (90, 1, 5, 90, 90, ${values})`;

describe('rows that cannot be taken are named, with their rule, and nothing is written', () => {
  it.each([
    [
      'a session id that is none',
      `UPDATE users SET session_id = 'nobody' WHERE id = 7`,
      'session-id',
      'users',
      7,
    ],
    [
      'a session id that is none, of somebody pending',
      `UPDATE users SET session_id = '05' WHERE id = 11`,
      'session-id',
      'users',
      11,
    ],
    ['a token with other characters', `UPDATE rooms SET token = 'a b' WHERE id = 2`, 'token', 'rooms', 2],
    ['a message without signature', message('data, data_size', `'x', 9`), 'signature', 'messages', 90],
    [
      'a short signature',
      message('data, data_size, signature', `'x', 9, zeroblob(63)`),
      'signature',
      'messages',
      90,
    ],
    [
      'data beyond its size',
      message('data, data_size, signature', `'xyz', 2, ${signature}`),
      'signature',
      'messages',
      90,
    ],
    ['an author who is nobody', `UPDATE messages SET "user" = 77 WHERE id = 5`, 'author-gone', 'messages', 5],
    [
      'numbers in a wrong order',
      `UPDATE messages SET seqno_data = 1 WHERE id = 9`,
      'number-order',
      'messages',
      9,
    ],
    [
      'text where a number belongs',
      `UPDATE messages SET posted = 'soon' WHERE id = 4`,
      'unreadable',
      'messages',
      '4',
    ],
    [
      'a repeated number',
      `UPDATE messages SET seqno_data = 10 WHERE id = 8`,
      'repeated-number',
      'messages',
      '10',
    ],
    ['a file of another size', `UPDATE files SET size = 20 WHERE id = 2`, 'file-missing', 'files', 2],
    [
      'a path out of the folder',
      `UPDATE files SET path = '../key_x25519', size = 32 WHERE id = 2`,
      'file-missing',
      'files',
      2,
    ],
  ])('%s', async (_, change, rule, table, id) => {
    const { findings } = await scene.importSogs(reference(change));
    expect(findings.refused).toEqual([
      expect.objectContaining({ rule, table, verdict: 'refused', rows: [expect.objectContaining({ id })] }),
    ]);
    expect(await scene.target.filled()).toEqual([]);
  });

  it('tokens and ids that differ by case alone', async () => {
    const source = reference(
      'PRAGMA legacy_alter_table = on',
      'CREATE TABLE lax AS SELECT * FROM rooms',
      'DROP TABLE rooms',
      'ALTER TABLE lax RENAME TO rooms',
      `UPDATE rooms SET token = 'FISH' WHERE id = 2`,
      `INSERT INTO users (id, session_id) VALUES (90, (SELECT upper(session_id) FROM users WHERE id = 9))`,
    );
    const { findings } = await scene.importSogs(source);
    expect(findings.refused.map(({ rule }) => rule).sort()).toEqual([
      'repeated-session-id',
      'repeated-token',
    ]);
  });
});

describe('rows that need a helping hand are mended or left out, and told', () => {
  it.each([
    [
      'an admin who is no moderator',
      `UPDATE user_permission_overrides SET moderator = 0 WHERE "user" = 4`,
      'admin-only',
      `SELECT moderator AND admin AS fact FROM permission_overrides WHERE user_id = 4`,
      true,
    ],
    [
      'somebody banned with a role',
      `UPDATE users SET banned = 1, moderator = 1 WHERE id = 7`,
      'banned-role',
      `SELECT banned AND NOT moderator AS fact FROM users WHERE id = 7`,
      true,
    ],
    [
      'a counter that is behind',
      `UPDATE rooms SET message_sequence = 3 WHERE id = 1`,
      'counter',
      `SELECT message_sequence AS fact FROM rooms WHERE id = 1`,
      32,
    ],
    [
      'a message of a deleted room',
      `INSERT INTO messages (id, room, "user", seqno_creation, seqno_data) VALUES (90, 77, 5, 1, 1)`,
      'room-gone',
      `SELECT count(*) AS fact FROM messages`,
      24,
    ],
    [
      'a reaction by nobody',
      `INSERT INTO reactions (id, message, reaction) VALUES (90, 1, 'y')`,
      'empty',
      `SELECT count(*) AS fact FROM reactions`,
      3,
    ],
    [
      'an expired file',
      `UPDATE files SET expiry = ${NOW - 1} WHERE id = 2`,
      'file-expired',
      `SELECT count(*) AS fact FROM files`,
      1,
    ],
    [
      'the image of another room',
      `UPDATE rooms SET image = 1 WHERE id = 2`,
      'no-image',
      `SELECT count(image_id) AS fact FROM rooms`,
      1,
    ],
    [
      'an expired direct message',
      `UPDATE inbox SET expiry = 5 WHERE id = 1`,
      'mail-expired',
      `SELECT count(*) AS fact FROM direct_messages`,
      1,
    ],
    [
      'somebody pending who is somebody else',
      `UPDATE needs_blinding SET blinded_abs = '15' || substr(blinded_abs, 3, 60) || '0000' WHERE "user" = 11`,
      'pending-form',
      `SELECT count(*) AS fact FROM pending_blinding`,
      1,
    ],
    [
      'a rest of a deleted message',
      `UPDATE messages SET signature = ${signature} WHERE id = 3`,
      'tombstone-rest',
      `SELECT signature IS NULL AS fact FROM messages WHERE id = 3`,
      true,
    ],
    [
      'a pin of a deleted message',
      `INSERT INTO pinned_messages VALUES (1, 3, 2, 5)`,
      'message-gone',
      `SELECT count(*) AS fact FROM pins`,
      2,
    ],
  ])('%s', async (_, change, rule, query, fact) => {
    const { findings } = await scene.importSogs(reference(change));
    expect(findings.list.map((one) => one.rule)).toContain(rule);
    expect(await scene.rows(query)).toEqual([{ fact }]);
    expect(await scene.target.state()).toMatchObject({ unfinished: null });
  });
});

describe('what is no database of the reference is refused', () => {
  const refused = (source: { database: string }, text: RegExp) =>
    expect(openSogs(source).then((sogs) => sogs.source.close())).rejects.toThrow(text);

  it('a file that was cut off', async () => {
    const source = reference();
    truncateSync(source.database, 100_000);
    await refused(source, /is damaged|cannot be read/);
  });

  it('a file of something else, and none at all', async () => {
    writeFileSync(join(folder, 'other'), randomBytes(9000));
    await refused({ database: join(folder, 'other') }, /cannot be read as a database/);
    await refused({ database: join(folder, 'none') }, /There is no file/);
  });

  it('one with tables or columns that nobody knows, or without those that we need', async () => {
    const source = reference(
      'CREATE TABLE secrets (id)',
      'ALTER TABLE users ADD nickname',
      'DROP TABLE inbox',
      'DROP TABLE files',
    );
    await refused(source, /secrets is unknown[^]*|users\.nickname is unknown/);
    await refused(source, /the table files is missing/);
  });

  it('with the key of another server', async () => {
    const source = reference();
    const key = join(folder, 'other-key');
    writeFileSync(key, randomBytes(32));
    await expect(scene.importSogs({ ...source, key })).rejects.toThrow(
      /The key does not belong to this database/,
    );
    expect(await scene.target.filled()).toEqual([]);
  });
});

describe('an older database, before some columns were there', () => {
  it('is taken with what it has', async () => {
    const source = reference(
      'DROP INDEX user_reactions_at',
      'DROP INDEX reactions_message',
      'DROP VIEW message_reactions',
      'DROP VIEW first_reactors',
      'DROP VIEW message_metadata',
      'DROP VIEW message_details',
      'DROP VIEW user_permissions',
      'DROP VIEW room_moderators',
      'DROP TABLE user_reactions',
      'DROP TABLE reactions',
      ...['seqno_reactions', 'seqno_creation'].map((column) => `ALTER TABLE messages DROP COLUMN ${column}`),
      ...['active_users', 'accessible'].map((column) => `ALTER TABLE rooms DROP COLUMN ${column}`),
    );
    await scene.importSogs(source);
    expect(
      await scene.rows(`SELECT seqno_creation, seqno_data FROM messages WHERE id IN (1, 3) ORDER BY id`),
    ).toEqual([
      { seqno_creation: 1, seqno_data: 1 },
      { seqno_creation: 1, seqno_data: 22 },
    ]);
  });
});

it.each([
  ['a file that is a link', 'fish/1_room.png'],
  ['a folder that is a link', 'fish'],
])('the uploads of a server are never read through %s', async (_, path) => {
  const source = reference();
  const elsewhere = join(folder, 'elsewhere');
  renameSync(join(source.uploads, path), elsewhere); // as large as it should be
  symlinkSync(elsewhere, join(source.uploads, path));
  const { findings } = await scene.importSogs(source);
  expect(findings.refused).toMatchObject([{ rule: 'file-missing', table: 'files' }]);
});

describe('an import that was stopped', () => {
  const large = (): SogsPaths => {
    const database = join(folder, 'large.db');
    makeLargeSogs(database, { messages: 6000, users: 300, rooms: 3 }, PROJECT);
    const key = join(folder, 'key');
    writeFileSync(key, Buffer.alloc(32, 9));
    return { database, key, uploads: folder };
  };

  /** Stops when that many rows are written. */
  const stopped = async (source: SogsPaths, rows: number): Promise<void> => {
    const stop = new AbortController();
    const running = scene.importSogs(source, {
      signal: stop.signal,
      onRows: (done) => done >= rows && stop.abort(),
    });
    await expect(running).rejects.toThrow('Stopped.');
  };

  it.each([1, 303, 3000, 6303])('after %d rows goes on, and is then as if it had not been', async (rows) => {
    const source = large();
    await stopped(source, rows);
    expect((await scene.target.state())!.unfinished).not.toBeNull();
    await scene.importSogs(source);
    expect(
      await scene.rows('SELECT count(*) AS n, count(data) AS live, sum(seqno) AS seqnos FROM messages'),
    ).toEqual([expect.objectContaining({ n: 6000, live: 5850 })]);
    expect((await scene.target.state())!.unfinished).toBeNull();
  });

  it('is not gone on with when the source has changed, but begun anew on demand', async () => {
    const source = large();
    await stopped(source, 3000);
    const database = new DatabaseSync(source.database);
    database.exec(`UPDATE rooms SET message_sequence = message_sequence + 1 WHERE id = 1`);
    database.close();
    await expect(scene.importSogs(source)).rejects.toThrow(
      /The source has changed since this import was begun/,
    );
    await scene.importSogs(source, { restart: true });
    expect(await scene.rows('SELECT count(*) AS n FROM messages')).toEqual([{ n: 6000 }]);
  });

  it('is not gone on with for another server', async () => {
    await stopped(large(), 3000);
    await expect(scene.importSogs(reference())).rejects.toThrow(/an import of another server was begun/);
  });
});

describe('a source', () => {
  it('may be in use: what is written meanwhile is not seen, and nothing is written to it', async () => {
    const source = reference();
    const sogs = await openSogs(source);
    const writer = new DatabaseSync(source.database);
    writer.exec(`UPDATE rooms SET name = 'changed'`);
    const names = (await sogs.source.all('SELECT name FROM rooms ORDER BY id')).map(({ name }) => name);
    expect(names).toEqual(['Fish & Chips', 'Quiet', 'Nobody here']);
    await expect(sogs.source.all(`INSERT INTO rooms (token, name) VALUES ('a', 'b')`)).rejects.toThrow();
    await sogs.source.close();
    writer.close();
  });

  it('on PostgreSQL gives the same rows as on SQLite', async () => {
    const source = reference();
    const copy = await scratchDatabase({ empty: true });
    await copyToPostgres(source.database, copy.url);
    await scene.importSogs({ ...source, database: copy.url });
    const other = await TransferScene.make();
    await other.importSogs(source);
    for (const table of await scene.target.filled())
      if (table !== 'server_state')
        expect(await scene.rows(`SELECT * FROM ${table} ORDER BY 1, 2`)).toEqual(
          await other.rows(`SELECT * FROM ${table} ORDER BY 1, 2`),
        );
    expect(readFileSync(scene.keyFile)).toEqual(readFileSync(other.keyFile));
    await other.end();
    await copy.drop();
  });
});

const POSTGRES_TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'bigint',
  TEXT: 'text',
  FLOAT: 'double precision',
  BOOLEAN: 'boolean',
  BLOB: 'bytea',
};

/** The reference's tables with the types that it has on PostgreSQL. */
async function copyToPostgres(path: string, url: string): Promise<void> {
  const [source, client] = [new DatabaseSync(path, { readOnly: true }), await connect(url)];
  const tables = source
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .all()
    .map(({ name }) => String(name));
  for (const table of tables) {
    const columns = source
      .prepare(`SELECT name, type FROM pragma_table_info('${table}')`)
      .all()
      .map(({ name, type }) => ({
        name: String(name),
        type: table === 'message_history' && name === 'data' ? 'bytea' : POSTGRES_TYPES[String(type)]!,
      }));
    await client.query(
      `CREATE TABLE ${table} (${columns.map(({ name, type }) => `"${name}" ${type}`).join(', ')})`,
    );
    for (const row of source.prepare(`SELECT * FROM ${table}`).all()) {
      const values = columns.map(({ name, type }) =>
        type === 'boolean' && row[name] !== null ? row[name] === 1 : row[name],
      );
      const places = values.map((_, at) => `$${at + 1}`).join(', ');
      await client.query(`INSERT INTO ${table} VALUES (${places})`, values);
    }
  }
  source.close();
  await client.end();
}
