import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { BlindedIds } from '../../libs/auth/blinded-ids.js';
import { Findings } from '../../libs/community/transfer/findings.js';
import { IdSet } from '../../libs/community/id-set.js';
import { endLine, headLine, imageLine } from '../../libs/community/transfer/rooms/archive-lines.js';
import { RoomArchive } from '../../libs/community/transfer/rooms/room-archive.js';
import { openSogs } from '../../libs/community/transfer/sogs/open-sogs.js';
import { checkSogs } from '../../libs/community/transfer/sogs/sogs-check.js';
import { sogsRows } from '../../libs/community/transfer/sogs/sogs-rows.js';
import { SOGS_RULES } from '../../libs/community/transfer/sogs/sogs-rules.js';
import { RunningDigest } from '../../libs/crypto/running-digest.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { serverKeysOf } from '../../libs/crypto/server-keys.js';
import { OperatorError } from '../../libs/protocol/operator-error.js';
import { SogsSource, type SourceRow } from '../../libs/storage/sogs/sogs-source.js';
import type { SogsQueries } from '../../libs/storage/sogs/sogs-queries.js';
import { SAME_IDS, transferLine, TRANSFER_TABLES } from '../../libs/storage/transfer/transfer-tables.js';
import { copyReference } from '../support/sogs-samples.js';
import { FUZZ_SCALE, fuzzLater } from './fuzz-run.js';
import { almost, almostBytes, hostileJson, hostileText, jsonText, repeated } from './hostile-values.js';

/** Files of other servers: whatever is in them, they are taken, or refused with a sentence for the operator. */

jest.setTimeout(180_000 * FUZZ_SCALE);

const crypto = selectCryptoBackend('sodium');
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'plaza-fuzz-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the archive of a room', () => {
  const SUM = `,"sha256":"${'ab'.repeat(32)}"`;
  const HEAD = headLine({ publicKey: 'ab'.repeat(32), token: 'fish', exportedAt: 1 });
  const table = fc.constantFrom(...TRANSFER_TABLES);
  const value = fc.oneof(
    fc.constantFrom(
      'null',
      'true',
      '1',
      '2',
      '1e300',
      '-1',
      '1.5',
      '""',
      '"fish"',
      '"AAAA"',
      '"\\u0000"',
      '"\ud800"',
    ),
    hostileJson().map((json) => JSON.stringify(json) ?? '0'),
    fc.integer({ min: 2, max: 8_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  );
  const row = table.chain(({ name, columns }) =>
    fc
      .array(fc.tuple(fc.constantFrom(...columns), value), { maxLength: 20 })
      .map(
        (given) =>
          `{"table":"${name}","row":{${given.map(([column, text]) => `"${column.name}":${text}`).join()}}${name === 'files' ? SUM : ''}}`,
      ),
  );
  const line = fc.oneof(
    { weight: 4, arbitrary: row },
    { weight: 1, arbitrary: row.chain(almost) },
    { weight: 1, arbitrary: jsonText(['table', 'row', 'image', 'end']) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        imageLine({ roomId: 1, fileId: 1 }),
        HEAD,
        '{"table":"rooms","row":{"id":1}}',
      ),
    },
    { weight: 1, arbitrary: repeated(['{"table":', '"', '[']) },
  );
  const file = fc.tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constant(HEAD) }, line),
    fc.array(line, { maxLength: 6 }),
  );

  it('is read or refused, although its sums are right', async () => {
    mkdirSync(join(folder, 'room', 'files'), { recursive: true });
    await fuzzLater(file, 1_500, async ([head, rows]) => {
      const lines = [head, ...rows]
        .flatMap((text) => text.split(/[\r\n]+/))
        .map((text) => Buffer.from(text).toString());
      const digest = new RunningDigest();
      for (const text of lines) digest.add(Buffer.from(`${text}\n`));
      const end = endLine({ lines: lines.length, sha256: digest.hex() });
      writeFileSync(join(folder, 'room', 'room.jsonl'), [...lines, end, ''].join('\n'));
      await readRoom();
    });
  });

  /** To the text that PostgreSQL is given. */
  async function readRoom(): Promise<void> {
    try {
      const { arrivals } = await RoomArchive.open(join(folder, 'room'));
      for (const each of TRANSFER_TABLES)
        for await (const page of arrivals.rows(each.name))
          for (const one of page) expect(transferLine(each, one, SAME_IDS)).toMatch(/^[^\n]*\n$/);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
    }
  }

  it('that is no text at all is refused', () =>
    fuzzLater(
      almostBytes(fc.constant(Buffer.from(`${HEAD}\n{"table":"rooms","row":{"id":1}}\n`))),
      300,
      async (bytes) => {
        writeFileSync(join(folder, 'room', 'room.jsonl'), bytes);
        await expect(RoomArchive.open(join(folder, 'room'))).rejects.toBeInstanceOf(OperatorError);
      },
    ));
});

/** Rows that come from nowhere. */
class MadeUpSource extends SogsSource {
  constructor(private readonly rows: SourceRow[]) {
    super();
  }

  columns(): never {
    throw new Error('nobody asks');
  }

  async *pages(): AsyncGenerator<SourceRow[]> {
    yield this.rows;
  }

  close = (): Promise<void> => Promise.resolve();
}

const SID = `15${'A'.repeat(64)}`;
/** A value that is right for every column that any of the queries gives. */
const GOOD: SourceRow = {
  id: 1,
  room: 1,
  user: 1,
  message: 1,
  uploader: 1,
  sender: 1,
  recipient: 1,
  reaction: '👍',
  pinned_by: 1,

  session_id: SID,
  blinded_abs: SID,
  token: 'fish',
  name: 'Fish',
  description: null,
  path: 'a',
  filename: 'b',

  created: 1,
  last_active: 1,
  at: 1,
  uploaded: 1,
  expiry: null,
  posted: 1,
  edited: null,
  replaced: 1,

  pinned_at: 1,
  posted_at: 1,
  banned: 0,
  moderator: 0,
  admin: 0,
  visible_mod: 1,
  read: 1,
  accessible: 1,

  write: 1,
  upload: 1,
  image: null,
  message_sequence: 9,
  highest_number: 9,
  info_updates: 1,
  active_users: 1,

  size: 1,
  uploader_gone: 0,
  message_gone: 0,
  room_gone: 0,
  user_gone: 0,
  whisper: null,
  whisper_gone: 0,

  whisper_mods: 0,
  filtered: 0,
  empty: 0,
  data: 'x',
  data_size: 1,
  signature: new Uint8Array(64),
  body: 'x',

  seqno_data: 1,
  seqno_reactions: 0,
  seqno_creation: 1,
};
/** Everything that SQLite or PostgreSQL may give for a column, whatever it was declared as. */
const columnValue: Arbitrary<SourceRow[string]> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 1, 2) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(null, -1, 1.5, 1e10, 1e300, Infinity, NaN, 2 ** 31, 2 ** 53, 10n, true, false),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '05',
      `05${'a'.repeat(64)}`,
      `15${'A'.repeat(64)}`,
      `ff${'0'.repeat(64)}`,
      'fish',
      'a\0b',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(new Uint8Array(64), new Uint8Array(0), Buffer.alloc(9)) },
  { weight: 1, arbitrary: hostileText },
);
const sourceRow = fc
  .dictionary(fc.constantFrom(...Object.keys(GOOD)), columnValue, { maxKeys: 5 })
  .map((wrong): SourceRow => ({ ...GOOD, ...wrong }));

describe('rows of the reference server', () => {
  const context = () => ({
    now: 1_795_500_000,
    blindedIds: new BlindedIds(crypto, Buffer.alloc(32, 9)),
    findings: new Findings(SOGS_RULES),
    lostFiles: new IdSet(),
  });
  const queries = new Proxy({}, { get: () => ({}) }) as SogsQueries;

  it.each(TRANSFER_TABLES.map(({ name }) => name))('for %s become rows of ours or findings', (name) => {
    const table = TRANSFER_TABLES.find((one) => one.name === name)!;
    return fuzzLater(fc.array(sourceRow, { maxLength: 5 }), 500, async (rows) => {
      for await (const page of sogsRows(name, { ...context(), source: new MadeUpSource(rows), queries }))
        for (const row of page) {
          const line = transferLine(table, row, SAME_IDS);
          expect(line).toMatch(/^[^\n\0]*\n$/);
          expect(line.split('\t')).toHaveLength(table.columns.length);
        }
    });
  });
});

describe('a database file of the reference server', () => {
  it('with any bytes turned is read or refused', async () => {
    const { database, uploads, key } = copyReference(join(folder, 'reference'));
    const keys = serverKeysOf(crypto, readFileSync(key));
    const whole = readFileSync(database);
    const turned = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 })
      .map((changes) =>
        changes.reduce((bytes, [at, byte]) => (bytes.writeUInt8(byte, at), bytes), Buffer.from(whole)),
      );
    const cut = fc.nat(whole.length).map((size) => whole.subarray(0, size));
    await fuzzLater(
      fc.oneof({ weight: 4, arbitrary: turned }, { weight: 1, arbitrary: cut }),
      300,
      async (bytes) => {
        writeFileSync(database, bytes);
        try {
          const sogs = await openSogs({ database, uploads });
          await checkSogs(sogs, { keys, crypto, now: 1_795_500_000, allowMissingFiles: true }).finally(() =>
            sogs.source.close(),
          );
        } catch (error) {
          if (!(error instanceof OperatorError)) throw error;
        }
      },
    );
  });
});
