import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { imageLine } from '../../libs/community/transfer/rooms/archive-lines.js';
import { OperatorError } from '../../libs/protocol/operator-error.js';
import { blobPath } from '../../libs/storage/blob-layout.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { NOT_OF_ROOMS, TRANSFER_TABLES } from '../../libs/storage/transfer/transfer-tables.js';
import { ArchiveScene } from '../support/archive-scene.js';
import { FUZZ_SCALE, FUZZ_SEED } from '../fuzz/fuzz-run.js';

/** Archives go all the way into a database: whatever is in them, nothing changes that was there. */

const RUNS = 100 * FUZZ_SCALE;
const STRANGE = 'ab'.repeat(32);
jest.setTimeout(120_000 * FUZZ_SCALE);

let scene: ArchiveScene;
let whole: string[];
beforeAll(async () => {
  scene = await ArchiveScene.make();
  whole = scene.lines;
});
afterAll(() => scene.end());

const id = fc.constantFrom(0, 1, 2, 3, 5, 7, 25, 90_001, 2 ** 31, 2 ** 45 - 1, 2 ** 53, -1);
const value: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: id },
  fc.boolean(),
  fc.constantFrom(null, '', 'fish', 'lobby', '15'.padEnd(66, 'a'), '05'.padEnd(66, 'b'), 1.5, 9e9, {}, []),
);
const madeUpRow = fc.constantFrom(...TRANSFER_TABLES).chain(({ name, columns }) =>
  fc
    .tuple(...columns.map(({ kind }) => valueOf(kind)))
    .map((values) => ({
      table: name,
      row: Object.fromEntries(columns.map((column, at) => [column.name, values[at]])),
    }))
    .map((line) => JSON.stringify(line)),
);

/** Of its kind as a rule, so that it comes far. */
function valueOf(kind: (typeof TRANSFER_TABLES)[number]['columns'][number]['kind']): Arbitrary<unknown> {
  const right: Record<typeof kind, Arbitrary<unknown>> = {
    integer: fc.constantFrom(1, 2, 3, 5, 90_001),
    number: fc.constantFrom(1, 9e9),
    flag: fc.boolean(),
    bytes: fc.constantFrom(null, Buffer.alloc(64).toString('base64')),
    json: fc.constantFrom({}, { profanity: { enabled: true } }),
    text: fc.constantFrom('fish', '15'.padEnd(64, 'a') + '00', '05'.padEnd(66, 'b')),
  };
  return fc.oneof({ weight: 12, arbitrary: right[kind] }, { weight: 1, arbitrary: value });
}

/** What would do harm if it were taken: local ids of people, rooms and files, said by somebody who knows them. */
const local = fc.integer({ min: 1, max: 12 });
const aimed = fc
  .tuple(local, local, fc.nat(99_999))
  .chain(([user_id, room_id, number]) =>
    fc.constantFrom(
      { table: 'pending_blinding', row: { absolute_id: `15${String(number).padStart(64, '0')}`, user_id } },
      {
        table: 'permission_overrides',
        row: {
          room_id: (room_id % 3) + 1,
          user_id,
          banned: false,
          moderator: true,
          admin: true,
          visible_mod: true,
        },
      },
      { table: 'room_activity', row: { room_id: (room_id % 3) + 1, user_id, last_active_at: 1 } },
      { image: { roomId: (room_id % 3) + 1, fileId: (user_id % 2) + 1 } },
    ),
  )
  .map((line) => JSON.stringify(line));

type Change = (lines: string[]) => string[];
const place = fc.nat(10_000);
const change: Arbitrary<Change> = fc.oneof(
  // Another value somewhere.
  fc.tuple(place, place, value).map(
    ([line, column, to]): Change =>
      (lines) =>
        lines.map((text, at) => (at === line % lines.length ? withValue(text, column, to) : text)),
  ),
  fc.tuple(place, madeUpRow).map(
    ([at, row]): Change =>
      (lines) =>
        lines.toSpliced(1 + (at % lines.length), 0, row),
  ),
  { weight: 6, arbitrary: aimed.map((line): Change => (lines) => [...lines, line]) },
  fc.tuple(id, id).map(([roomId, fileId]): Change => (lines) => [...lines, imageLine({ roomId, fileId })]),
  place.map(
    (at): Change =>
      (lines) =>
        lines.toSpliced(at % lines.length, 1),
  ),
  fc.tuple(place, place).map(([from, to]): Change => (lines) => {
    const [line] = lines.slice(from % lines.length);
    return lines.toSpliced(to % lines.length, 0, line!);
  }),
  fc
    .tuple(place, fc.constantFrom('"', ':', ',', '{', '0', '"table":"users",'))
    .map(([at, piece]): Change => (lines) => {
      const line = lines[at % lines.length]!;
      const where = at % (line.length + 1);
      return lines.with(at % lines.length, line.slice(0, where) + piece + line.slice(where));
    }),
);

function withValue(line: string, column: number, to: unknown): string {
  const parsed = JSON.parse(line) as { row?: Record<string, unknown> };
  const row = parsed.row ?? (parsed as Record<string, unknown>);
  const names = Object.keys(row);
  row[names[column % names.length]!] = to;
  return JSON.stringify(parsed);
}

/** Everything that there is but for what came with new rooms, and the private key. */
async function standing({ rooms, users }: { rooms: string; users: number }): Promise<string[]> {
  const { here } = scene;
  const queries = [
    `SELECT 'new user ' || u::text AS row FROM users AS u WHERE id > ${users} AND (banned OR moderator OR admin)`,
    `SELECT 'users ' || u::text FROM users AS u WHERE id <= ${users}`,
    ...TRANSFER_TABLES.filter(({ name }) => name !== 'users').map(
      ({ name, ofRooms }) =>
        `SELECT '${name} ' || t::text FROM ${name} AS t ${ofRooms ? `WHERE ${ofRooms.replaceAll('$rooms', rooms)}` : ''}`,
    ),
    ...[...Object.keys(NOT_OF_ROOMS), 'server_state', 'admin_tokens'].map(
      (name) => `SELECT '${name} ' || t::text FROM ${name} AS t`,
    ),
  ];
  const found = await here.rows<{ row: string }>(queries.join(' UNION ALL '));
  const files = await Promise.all([1, 2].map(async (file) => (await here.blobs.get(file))!.toString('hex')));
  return [...found.map(({ row }) => row).sort(), ...files, readFileSync(here.keyFile, 'hex')];
}

it('an archive changes nothing that was here, whatever it holds', async () => {
  const { here, folder } = scene;
  const key = readFileSync(here.keyFile);
  await here.rows(`WITH named AS (INSERT INTO users (session_id, created_at, moderator, admin)
      VALUES ('05${'77'.repeat(32)}', 1, true, true) RETURNING id)
    INSERT INTO pending_blinding SELECT '15${'ab'.repeat(31)}3f', id FROM named`);
  const [ids] = await here.rows<{ rooms: string; users: number }>(
    `SELECT (SELECT string_agg(id::text, ',') FROM rooms) AS rooms, (SELECT max(id) FROM users) AS users`,
  );
  const before = await standing(ids!);
  const files = new FolderBlobStore(join(folder, 'files'));
  const counts = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        changes: fc.array(change, { maxLength: 2 }),
        isStrange: fc.boolean(),
        isTrusted: fc.constantFrom(true, true, false),
        isLinked: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      }),
      async ({ changes, isStrange, isTrusted, isLinked }) => {
        const shift = 100_000 * (counts.taken + counts.refused + 1);
        for (const one of [1, 2]) await files.put(one + shift, (await here.blobs.get(one))!);
        const lines = movedBy(shift, isStrange ? strangers(whole) : whole);
        scene.lines = changes.reduce((changed, one) => one(changed), lines);
        if (isLinked) {
          scene.edit(/("table":"files","row":{"id":\d+,.*?"size":)\d+/, `$1${key.length}`);
          const linked = join(folder, 'files', blobPath(1 + shift));
          rmSync(linked);
          symlinkSync(here.keyFile, linked);
        }
        try {
          await scene.add({ token: `room-${counts.taken + counts.refused}`, isTrusted });
          counts.taken++;
        } catch (error) {
          if (!(error instanceof OperatorError)) throw error;
          counts.refused++;
        }
        expect(await standing(ids!)).toEqual(before);
        for await (const page of here.blobs.list())
          for (const { id: blob } of page) expect(await here.blobs.get(blob)).not.toEqual(key);
      },
    ),
    { seed: FUZZ_SEED, numRuns: RUNS, interruptAfterTimeLimit: 60_000 * FUZZ_SCALE },
  );
  expect(counts.taken).toBeGreaterThan(0); // else it would be about parsing alone
  expect(counts.refused).toBeGreaterThan(0);
});

/** As a server with another key would have them. */
function strangers(lines: readonly string[]): string[] {
  let number = 0;
  const key = JSON.parse(lines[0]!).publicKey as string;
  return lines.map((line) =>
    line
      .replaceAll(key, STRANGE)
      .replace(/"session_id":"(15|25)\w+"/, () => `"session_id":"15${String(++number).padStart(64, '0')}"`),
  );
}

/** Ids that are free here, and so stay as they are: then what else is said of ids is meant as it stands. */
const movedBy = (shift: number, lines: readonly string[]): string[] =>
  lines.map((line) =>
    line.replace(
      /"((?:author_|room_|message_|uploader_|user_|reaction_|pinned_by_|whisper_to_)?id|roomId|fileId)":(\d+)/g,
      (_, name, was) => `"${name}":${Number(was) + shift}`,
    ),
  );
