import {
  readEntries,
  writeEntry,
  writeFinish,
  type BackupSummary,
  type EntryMeta,
} from './backup-entries.js';
import { BackupError } from './backup-error.js';

const SUMMARY: BackupSummary = { tables: 1, rows: 2, files: 1, fileBytes: 5, deleted: [7], lost: [] };
const TABLE: EntryMeta = { kind: 'table', name: 'rooms', columns: ['id', 'name'] };

async function written(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of writeEntry(TABLE, [Buffer.from('1\tfi'), Buffer.from('sh\n2\tcats\n')]))
    pieces.push(piece);
  for await (const piece of writeEntry({ kind: 'file', id: 1, size: 5 }, [Buffer.from('bytes')]))
    pieces.push(piece);
  return Buffer.concat([...pieces, writeFinish(SUMMARY)]);
}

async function read(bytes: Buffer, { skip = false } = {}) {
  const pieces = (async function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  })();
  const entries = readEntries(pieces);
  const found: unknown[] = [];
  for (;;) {
    const { done, value } = await entries.next();
    if (done) return { found, summary: value };
    const content: Buffer[] = [];
    if (!skip) for await (const piece of value.content) content.push(piece);
    found.push([value.meta, Buffer.concat(content).toString()]);
  }
}

describe('the entries of a backup', () => {
  it('come back in order, and the summary last', async () => {
    expect(await read(await written())).toEqual({
      found: [
        [TABLE, '1\tfish\n2\tcats\n'],
        [{ kind: 'file', id: 1, size: 5 }, 'bytes'],
      ],
      summary: SUMMARY,
    });
  });

  it('may be passed over, and are checked all the same', async () => {
    const bytes = await written();
    expect((await read(bytes, { skip: true })).summary).toEqual(SUMMARY);
    bytes[bytes.indexOf('cats')] = 0x62;
    await expect(read(bytes, { skip: true })).rejects.toThrow(BackupError);
  });

  it('are refused when they are cut off anywhere', async () => {
    const bytes = await written();
    for (let end = 0; end < bytes.length; end++)
      await expect(read(bytes.subarray(0, end))).rejects.toThrow(BackupError);
  });

  it('are refused when what is kept in memory is larger than it ever is', async () => {
    const pieces: Buffer[] = [];
    const mebibyte = Buffer.alloc(1024 * 1024);
    for await (const piece of writeEntry({ kind: 'key' }, [mebibyte, Buffer.alloc(1)])) pieces.push(piece);
    await expect(read(Buffer.concat([...pieces, writeFinish(SUMMARY)]), { skip: true })).rejects.toThrow(
      'damaged or cut off (in a key)',
    );
    const long = { ...TABLE, columns: Array<string>(3).fill('x'.repeat(3 * 1024 * 1024)) };
    for await (const piece of writeEntry(long, [])) pieces.push(piece);
    await expect(read(Buffer.concat(pieces.slice(3)))).rejects.toThrow(BackupError);
  });
});
