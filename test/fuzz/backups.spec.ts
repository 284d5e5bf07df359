import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import {
  writeEntry,
  writeFinish,
  type BackupSummary,
  type EntryMeta,
} from '../../libs/community/backup/backup-entries.js';
import { BackupError } from '../../libs/community/backup/backup-error.js';
import { writeFrames } from '../../libs/community/backup/backup-frames.js';
import { backupEntries, verifyBackup, type BackupFile } from '../../libs/community/backup/read-backup.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { FUZZ_SCALE, fuzzLater } from './fuzz-run.js';
import { almostBytes, anyBytes, hostileJson, jsonText } from './hostile-values.js';

/** Backups that somebody made to do harm: wrong frames, wrong gzip in right frames, wrong entries in right gzip. */

jest.setTimeout(180_000 * FUZZ_SCALE);

const crypto = selectCryptoBackend('sodium');
const MIB = 1024 * 1024;
const SUMMARY: BackupSummary = { tables: 1, rows: 2, files: 1, fileBytes: 5, deleted: [], lost: [] };
const ENTRIES: [EntryMeta, string][] = [
  [{ kind: 'manifest', createdAt: 1, publicKey: 'ab'.repeat(32), migrations: ['0001_first'] }, ''],
  [{ kind: 'key' }, 'k'.repeat(32)],
  [{ kind: 'settings' }, 'PORT=1\n'],
  [{ kind: 'table', name: 'rooms', columns: ['id', 'name'] }, '1\tfish\n2\tcats\n'],
  [{ kind: 'sequences' }, '[{"table":"rooms","column":"id","last":2}]'],
  [{ kind: 'file', id: 1, size: 5 }, 'bytes'],
];

let folder: string;
let path: string;
let entries: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plaza-fuzz-'));
  path = join(folder, 'backup');
  entries = await written(ENTRIES, SUMMARY);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function written(given: [unknown, string | Buffer][], summary: unknown): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const [meta, content] of given)
    for await (const piece of writeEntry(meta as EntryMeta, [Buffer.from(content as string)]))
      pieces.push(piece);
  return Buffer.concat([...pieces, writeFinish(summary as BackupSummary)]);
}

async function framed(packed: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const bytes = (async function* () {
    yield packed;
  })();
  for await (const piece of writeFrames(bytes, { crypto, passphrase: undefined })) pieces.push(piece);
  return Buffer.concat(pieces);
}

const file = (): BackupFile => ({ path, crypto, passphrase: undefined });

/** Reads it as `plaza restore` does, first to check it and then to use it: fine, or refused as a damaged backup. */
async function readOrRefuse(bytes: Buffer): Promise<'read' | 'refused'> {
  writeFileSync(path, bytes);
  try {
    await verifyBackup(file());
    const all = backupEntries(file());
    for (;;) {
      const { done, value } = await all.next();
      if (done) return 'read';
      for await (const _ of value.content);
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return 'refused';
  }
}

describe('a backup', () => {
  it('that is whole is read', async () =>
    expect(await readOrRefuse(await framed(gzipSync(entries)))).toBe('read'));

  it('whose frames are wrong is refused', async () => {
    const whole = await framed(gzipSync(entries));
    await fuzzLater(fc.oneof(almostBytes(fc.constant(whole)), anyBytes(100)), 150, async (bytes) => {
      expect(await readOrRefuse(bytes)).toBe(bytes.equals(whole) ? 'read' : 'refused');
    });
  });

  it('whose frames hold no good gzip is refused', () =>
    fuzzLater(almostBytes(fc.constant(gzipSync(entries))), 150, async (packed) => {
      await readOrRefuse(await framed(packed));
    }));

  it('whose gzip holds no good entries is refused', () =>
    fuzzLater(almostBytes(fc.constant(entries)), 150, async (inside) => {
      const answer = await readOrRefuse(await framed(gzipSync(inside)));
      if (!inside.equals(entries)) expect(answer).toBe('refused');
    }));

  it('that describes itself in any other way is read or refused', async () => {
    const description: Arbitrary<unknown> = fc.oneof(
      fc.record({
        kind: fc.constantFrom('manifest', 'key', 'table', 'file', '__proto__'),
        name: hostileJson(),
        columns: hostileJson(),
        id: hostileJson(),
        size: hostileJson(),
      }),
      hostileJson(['kind']),
    );
    const given = fc.array(
      fc.tuple(fc.oneof(fc.constantFrom(...ENTRIES.map(([meta]) => meta)), description), anyBytes(30)),
      { maxLength: 8 },
    );
    const summary = fc.oneof(fc.constant(SUMMARY), hostileJson(Object.keys(SUMMARY)));
    await fuzzLater(fc.tuple(given, summary), 150, async ([list, end]) => {
      await readOrRefuse(await framed(gzipSync(await written(list, end))));
    });
  });

  it('with any text for a description is read or refused', () =>
    fuzzLater(jsonText(['kind', 'name', 'columns']), 150, async (text) => {
      const head = Buffer.alloc(5);
      head[0] = 1;
      head.writeUInt32BE(Buffer.byteLength(text), 1);
      await readOrRefuse(await framed(gzipSync(Buffer.concat([head, Buffer.from(text)]))));
    }));
});

/** A whole backup with an entry of 128 MiB of one byte, packed a thousandfold, with sums that are right. */
async function bomb(meta: EntryMeta, record: Buffer): Promise<Buffer> {
  const content = Array<Buffer>((128 * MIB) / record.length).fill(record);
  const summary = { ...SUMMARY, tables: Number(meta.kind === 'table'), files: 0 };
  const packed: Buffer[] = [gzipSync(await written(ENTRIES.slice(0, 1), summary).then(withoutFinish))];
  for await (const piece of writeEntry(meta, content)) packed.push(gzipSync(piece, { level: 1 }));
  return framed(Buffer.concat([...packed, gzipSync(writeFinish(summary))]));
}

const withoutFinish = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.lastIndexOf('{"tables"') - 5);

describe('a bomb', () => {
  it.each<[string, EntryMeta, number, 'read' | 'refused']>([
    ['in a table', { kind: 'table', name: 'rooms', columns: ['id'] }, 16, 'read'],
    ['in the key', { kind: 'key' }, 1, 'refused'],
    ['in the settings', { kind: 'settings' }, 1, 'refused'],
  ])('%s takes no more memory than a piece of it', async (_, meta, recordMib, expected) => {
    const bytes = await bomb(meta, Buffer.alloc(recordMib * MIB));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5);
    expect(await readOrRefuse(bytes)).toBe(expected);
    clearInterval(watch);
    expect((most - before) / MIB).toBeLessThan(100);
  });
});
