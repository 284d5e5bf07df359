import { setTimeout as delay } from 'node:timers/promises';
import type { Change } from '../../libs/protocol/change.js';
import { Database } from '../../libs/storage/database.js';
import type { InsertedMessage, NewMessage } from '../../libs/storage/message-inserts.js';
import { MessagesRepository } from '../../libs/storage/messages.repository.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

jest.setTimeout(180_000);

let scratch: ScratchDatabase;
let database: Database;
let messages: MessagesRepository;
let told: Change[];
beforeAll(async () => {
  scratch = await scratchDatabase();
  await sql(`INSERT INTO users (id, session_id, created_at, last_active_at)
    SELECT n, '15' || lpad(to_hex(n), 64, '0'), n, n FROM generate_series(1, 3) AS n`);
});
afterAll(() => scratch.drop());
beforeEach(() => {
  told = [];
  database = open();
  messages = new MessagesRepository(database);
  database.onCommitted((changes) => void told.push(...changes));
});
afterEach(() => database.close());

const open = (): Database => new Database({ url: scratch.url, poolSize: 4, applicationName: 'test' });

async function sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = await connect(scratch.url);
  const { rows } = await client.query(text, values).finally(() => client.end());
  return rows as Row[];
}

let rooms = 0;
async function room(): Promise<number> {
  const token = `room-${++rooms}`;
  const made = await sql<{ id: number }>(
    `INSERT INTO rooms (token, name, created_at) VALUES ($1, $1, 0) RETURNING id`,
    [token],
  );
  return made[0]!.id;
}

const message = (roomId: number, text: string, more: Partial<NewMessage> = {}): NewMessage => ({
  roomId,
  authorId: 1,
  postedAt: 1_700_000_000.25,
  data: Buffer.from(text),
  dataSize: 160,
  signature: Buffer.alloc(64, text),
  whisperToId: null,
  whisperMods: false,
  filtered: false,
  ...more,
});

const stored = (roomId: number) =>
  sql<{ id: number; seqno: number; text: string }>(
    `SELECT id, seqno, convert_from(data, 'UTF8') AS text FROM messages WHERE room_id = $1 ORDER BY id`,
    [roomId],
  );

const statementsOf = () =>
  Object.fromEntries([...database.statementCounts].filter(([name]) => name.startsWith('messages.insert')));

describe('messages that are posted in a room at one time', () => {
  it('take few statements, and ids and numbers in the order in which they came', async () => {
    const roomId = await room();
    const inserted = await Promise.all(
      Array.from({ length: 120 }, (_, at) => messages.insert(message(roomId, `text ${at}`))),
    );
    expect(inserted.map((each) => each!.seqno)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
    expect(inserted.map((each) => each!.id)).toEqual(
      inserted.map((each) => each!.id).toSorted((one, other) => one - other),
    );
    expect(await stored(roomId)).toEqual(inserted.map((each, at) => ({ ...each!, text: `text ${at}` })));
    expect(statementsOf()).toEqual({ 'messages.insert': 1, 'messages.insert-several': 3 });
    expect(told.map((change) => change.kind === 'messages' && change.sequence)).toEqual([1, 51, 101, 120]);
  });

  it('are stored with all that belongs to them, together as well as alone', async () => {
    const roomId = await room();
    const kinds: Partial<NewMessage>[] = [
      {},
      { whisperToId: 2 },
      { whisperMods: true, authorId: 3 },
      { filtered: true, postedAt: 1_700_000_001.5, dataSize: 1_000 },
      { data: Buffer.from([0, 1, 0x5c, 0x22, 0xff]), signature: Buffer.alloc(64, 0x7b) },
      { data: Buffer.alloc(0) },
    ];
    const rows = async () =>
      sql(
        `SELECT seqno, seqno_creation, author_id, posted_at, encode(data, 'hex') AS data, data_size,
           encode(signature, 'hex') AS signature, whisper_to_id, whisper_mods, filtered
         FROM messages WHERE room_id = $1 ORDER BY id`,
        [roomId],
      );
    for (const kind of kinds) await messages.insert(message(roomId, 'x', kind));
    const alone = await rows();
    await sql('DELETE FROM messages WHERE room_id = $1', [roomId]);
    await sql('UPDATE rooms SET message_sequence = 0 WHERE id = $1', [roomId]);
    await Promise.all(kinds.map((kind) => messages.insert(message(roomId, 'x', kind))));
    expect(await rows()).toEqual(alone);
    expect(alone).toHaveLength(kinds.length);
    expect(statementsOf()['messages.insert-several']).toBe(1);
  });

  it('get no number twice, nor leave one out, when several processes post', async () => {
    const roomId = await room();
    const other = open();
    const both = [messages, new MessagesRepository(other)];
    const all: InsertedMessage[] = [];
    const write = async (writer: number): Promise<void> => {
      for (let at = 0; at < 25; at++)
        all.push((await both[writer % 2]!.insert(message(roomId, `${writer} ${at}`)))!);
    };
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    await other.close();
    expect(all.map(({ seqno }) => seqno).toSorted((one, two) => one - two)).toEqual(
      Array.from({ length: 400 }, (_, at) => at + 1),
    );
    const rows = await stored(roomId);
    expect(rows.map(({ seqno }) => seqno)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
  });

  it('do not fail for one of them whose author is gone', async () => {
    const roomId = await room();
    const authors = [1, 2, 999_999, 3];
    const outcomes = await Promise.allSettled(
      authors.map((authorId, at) => messages.insert(message(roomId, `${at}`, { authorId }))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((await stored(roomId)).map(({ text }) => text)).toEqual(['0', '1', '3']);
  });

  it('go nowhere when the room is gone', async () => {
    const inserted = await Promise.all([1, 2, 3].map((at) => messages.insert(message(999_999, `${at}`))));
    expect(inserted).toEqual([undefined, undefined, undefined]);
    expect(told).toEqual([]);
  });

  it('leave connections to other rooms while theirs is locked, and all get through afterwards', async () => {
    const [busy, quiet] = [await room(), await room()];
    const locker = await connect(scratch.url);
    await locker.query('BEGIN');
    await locker.query('SELECT 1 FROM rooms WHERE id = $1 FOR UPDATE', [busy]);
    const waiting = Promise.all(
      Array.from({ length: 30 }, (_, at) => messages.insert(message(busy, `${at}`))),
    );
    await delay(50);
    expect(await messages.insert(message(quiet, 'at once'))).toMatchObject({ seqno: 1 });
    expect(database.connections.waiting).toBe(0);
    await locker.query('COMMIT');
    await locker.end();
    expect((await waiting).map((each) => each!.seqno)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  });

  it('are refused together when the database is away', async () => {
    const roomId = await room();
    await messages.insert(message(roomId, 'first'));
    const posts = Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => messages.insert(message(roomId, `${at}`))),
    );
    // And gone: one that still lives would take the next post, and end under it.
    await sql(`SELECT pg_terminate_backend(pid, 20_000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    const refused = (await posts).filter((each) => each.status === 'rejected');
    for (const { reason } of refused) expect(reason).toBeInstanceOf(StorageUnavailableError);
    const before = (await stored(roomId)).length;
    expect(before).toBeGreaterThanOrEqual(11 - refused.length);
    expect(await messages.insert(message(roomId, 'after'))).toMatchObject({ seqno: before + 1 });
  });

  it('find a connection while pages of messages are read that take long', async () => {
    const roomId = await room();
    const locker = await connect(scratch.url);
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE'); // every page names its authors
    const nobody = { userId: undefined, moderator: false };
    const pages = Promise.all(Array.from({ length: 20 }, () => messages.recent(roomId, nobody, 100)));
    await delay(50);
    expect(database.connections).toMatchObject({ total: 1, waiting: 0 });
    await locker.query('COMMIT');
    await locker.end();
    expect(await pages).toHaveLength(20);
  });
});
