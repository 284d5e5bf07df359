import { DatabaseSync } from 'node:sqlite';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';
import { copyReference, importArguments } from '../support/sogs-samples.js';

jest.setTimeout(300_000);
afterAll(endEverything);

/** More than the source has, so that every id of it is taken here. */
const POSTS = 30;
const FILES = 3;

interface Shown {
  id: number;
  seqno: number;
  data: string;
  session_id: string;
}

describe('rooms of the reference server that come to a community in use', () => {
  const source = copyReference(freshFolder());
  let server: PlazaProcess;
  let before: Shown[];
  beforeAll(async () => {
    await sessionClientReady();
    server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
    const ann = newAccount(server);
    for (let count = 0; count < POSTS; count++) await post(server, ann, 'lobby', `number ${count}`);
    for (let count = 0; count < FILES; count++) {
      const body = Buffer.from(`file ${count}`);
      expect((await call(server, ann, 'POST', '/room/lobby/file', { body })).status).toBe(201);
    }
    before = await messagesOf('lobby');
    expect(before).toHaveLength(POSTS);
    expect(await server.plaza(...importArguments(source), '--merge-into')).toMatchObject({ code: 0 });
  });
  afterAll(() => server.stop());

  const messagesOf = async (token: string): Promise<Shown[]> =>
    (await call(server, undefined, 'GET', `/room/${token}/messages/recent?limit=256`)).json as Shown[];

  /** What the source shows to everybody, newest first. */
  function shownAtSource(token: string): { seqno: number; data: string; author: string }[] {
    const sqlite = new DatabaseSync(source.database, { readOnly: true });
    try {
      const rows = sqlite
        .prepare(
          `SELECT m.id, m.seqno, m.data, m.data_size AS size, u.session_id AS author
           FROM messages m JOIN rooms r ON r.id = m.room JOIN users u ON u.id = m."user"
           WHERE r.token = ? AND m.data IS NOT NULL AND m.whisper IS NULL AND NOT m.whisper_mods AND NOT m.filtered
           ORDER BY m.id DESC`,
        )
        .all(token) as { id: number; seqno: number; data: Uint8Array; size: number; author: string }[];
      return rows.map(({ seqno, data, size, author }) => {
        const padded = Buffer.alloc(size);
        padded.set(data);
        if (data.length < size) padded[data.length] = 0x80; // padding is kept as a length (protocol.md §4)
        return { seqno, data: padded.toString('base64'), author };
      });
    } finally {
      sqlite.close();
    }
  }

  it('are here with every message under its sequence number, by its author', async () => {
    const expected = shownAtSource('fish');
    expect(expected.length).toBeGreaterThan(5);
    const found = await messagesOf('fish');
    expect(found.map(({ seqno, data, session_id: author }) => ({ seqno, data, author }))).toEqual(expected);
  });

  it('take no id that somebody else has, and no message from anybody', async () => {
    expect(await messagesOf('lobby')).toEqual(before);
    const taken = new Set(before.map(({ id }) => id));
    expect((await messagesOf('fish')).filter(({ id }) => taken.has(id))).toEqual([]);
  });

  it('go on where they stopped', async () => {
    const { json: room } = await call(server, undefined, 'GET', '/room/fish');
    const answer = await post(server, newAccount(server), 'fish', 'first one here');
    expect(answer).toMatchObject({
      status: 201,
      json: { seqno: (room as { message_sequence: number }).message_sequence + 1 },
    });
  });

  it('come once: a second time their names are taken, and nothing changes', async () => {
    const here = await messagesOf('fish');
    const { code, stderr } = await server.plaza(...importArguments(source), '--merge-into');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Rooms of this name are here already') as string,
    });
    expect(await messagesOf('fish')).toEqual(here);
  });
});
