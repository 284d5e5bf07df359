import { z } from 'zod';
import { RunningDigest } from '../../crypto/running-digest.js';
import { damaged } from './backup-error.js';
import { ByteReader } from './byte-reader.js';

/*
 * The inside of a backup, once it is taken out of its frames and unpacked: entries one after the other, each with what it
 * is, its bytes, and a digest of them; then the end.
 *
 *   record: u8 kind | u32 length | payload
 */

const KIND = { begin: 1, data: 2, end: 3, finish: 4 } as const;
const HEAD_BYTES = 5;
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
/** Of a record that describes: lists of millions of files fit in, and it is taken into memory as a whole. */
const DESCRIPTION_BYTES_MAX = 8 * 1024 * 1024;
/** Of an entry that is taken into memory as a whole, unlike tables and files. */
const SMALL_ENTRY_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;

const manifestSchema = z.object({
  createdAt: z.number(),
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  migrations: z.array(z.string()),
});
/** What a backup is of. */
export type BackupManifest = z.infer<typeof manifestSchema>;

const metaSchema = z.discriminatedUnion('kind', [
  manifestSchema.extend({ kind: z.literal('manifest') }),
  z.object({ kind: z.literal('key') }),
  z.object({ kind: z.literal('settings') }),
  z.object({ kind: z.literal('table'), name: z.string(), columns: z.array(z.string()) }),
  z.object({ kind: z.literal('sequences') }),
  z.object({ kind: z.literal('file'), id: z.int(), size: z.int() }),
]);
export type EntryMeta = z.infer<typeof metaSchema>;

const endSchema = z.object({ bytes: z.int(), lines: z.int(), sha256: z.string() });
const finishSchema = z.object({
  tables: z.int(),
  rows: z.int(),
  files: z.int(),
  fileBytes: z.int(),
  /** Files that were deleted while the backup was made: their rows go when it is restored. */
  deleted: z.array(z.int()),
  /** Recorded, but not in the file store. */
  lost: z.array(z.int()),
});
export type BackupSummary = z.infer<typeof finishSchema>;

export interface BackupEntry {
  meta: EntryMeta;
  /** To be read to its end before the next entry; what nobody reads is passed over. Checked at its end. */
  content: AsyncIterable<Buffer>;
}

/** One entry, as records. */
export async function* writeEntry(
  meta: EntryMeta,
  content: AsyncIterable<Buffer> | Buffer[],
): AsyncGenerator<Buffer> {
  yield record(KIND.begin, meta);
  const sums = new ContentSums();
  for await (const piece of content) {
    sums.add(piece);
    yield Buffer.concat([head(KIND.data, piece.length), piece]);
  }
  yield record(KIND.end, sums.result());
}

export const writeFinish = (summary: BackupSummary): Buffer => record(KIND.finish, summary);

/**
 * The entries of a backup, in order; returns its summary. Throws BackupError when anything is not as it was written.
 */
export async function* readEntries(bytes: AsyncIterable<Buffer>): AsyncGenerator<BackupEntry, BackupSummary> {
  const reader = new ByteReader(bytes);
  for (;;) {
    const { kind, payload } = await readRecord(reader);
    if (kind === KIND.finish) return parsed(finishSchema, payload);
    if (kind !== KIND.begin) throw damaged('between entries');
    const meta = parsed(metaSchema, payload);
    const content = contentOf(reader, meta);
    yield { meta, content };
    for await (const _ of content); // what is left of it
  }
}

async function* contentOf(reader: ByteReader, meta: EntryMeta): AsyncGenerator<Buffer> {
  const sums = new ContentSums();
  const bytesMax = meta.kind === 'table' || meta.kind === 'file' ? Infinity : SMALL_ENTRY_BYTES_MAX;
  for (;;) {
    const { kind, payload } = await readRecord(reader);
    if (kind === KIND.data) {
      sums.add(payload);
      if (sums.bytes > bytesMax) throw damaged(`in a ${meta.kind}`);
      yield payload;
      continue;
    }
    const found = sums.result();
    if (kind !== KIND.end || JSON.stringify(parsed(endSchema, payload)) !== JSON.stringify(found))
      throw damaged(`in a ${meta.kind}`);
    return;
  }
}

class ContentSums {
  private readonly digest = new RunningDigest();
  bytes = 0;
  private lines = 0;

  add(piece: Buffer): void {
    this.digest.add(piece);
    this.bytes += piece.length;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) this.lines++;
  }

  result(): z.infer<typeof endSchema> {
    return { bytes: this.bytes, lines: this.lines, sha256: this.digest.hex() };
  }
}

async function readRecord(reader: ByteReader): Promise<{ kind: number; payload: Buffer }> {
  const cut = () => damaged('in the middle');
  const start = await reader.take(HEAD_BYTES, cut);
  if (!start) throw cut();
  const size = start.readUInt32BE(1);
  if (size > (start[0] === KIND.data ? RECORD_BYTES_MAX : DESCRIPTION_BYTES_MAX)) throw cut();
  const payload = size === 0 ? Buffer.alloc(0) : await reader.take(size, cut);
  if (!payload) throw cut();
  return { kind: start[0]!, payload };
}

function head(kind: number, size: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes[0] = kind;
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

function record(kind: number, value: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(value));
  return Buffer.concat([head(kind, payload.length), payload]);
}

function parsed<Value>(schema: z.ZodType<Value>, payload: Buffer): Value {
  try {
    return schema.parse(JSON.parse(payload.toString()));
  } catch {
    throw damaged('in a description');
  }
}
