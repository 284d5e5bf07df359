import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readEntries, type BackupEntry, type BackupManifest, type BackupSummary } from './backup-entries.js';
import { BackupError, damaged } from './backup-error.js';
import { readFrames, type FrameOptions } from './backup-frames.js';

export interface BackupFile extends FrameOptions {
  path: string;
  signal?: AbortSignal | undefined;
  /** Of the file, as they are read. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/** What a backup holds, once all of it was looked at. */
export interface VerifiedBackup {
  manifest: BackupManifest;
  summary: BackupSummary;
}

/** The entries of a backup file, in order; returns its summary. Throws {@link BackupError}. */
export async function* backupEntries(file: BackupFile): AsyncGenerator<BackupEntry, BackupSummary> {
  const unpack = createGunzip();
  const framed = Readable.from(readFrames(piecesOf(file), file), { objectMode: false });
  framed.on('error', (error) => unpack.destroy(error));
  framed.pipe(unpack);
  try {
    const summary = yield* readEntries(unpack as AsyncIterable<Buffer>);
    // To the end, so that what comes after the last entry is looked at too.
    for await (const _ of unpack as AsyncIterable<Buffer>) throw damaged('after its end');
    return summary;
  } catch (error) {
    throw isOfZlib(error) ? damaged('while it was unpacked') : error;
  } finally {
    framed.destroy();
    unpack.destroy();
  }
}

/** Reads all of it and touches nothing. Throws {@link BackupError} when anything is not as it was written. */
export async function verifyBackup(file: BackupFile): Promise<VerifiedBackup> {
  let manifest: BackupManifest | undefined;
  const counts = { tables: 0, files: 0 };
  const entries = backupEntries(file);
  for (;;) {
    const { done, value } = await entries.next();
    if (done) {
      if (!manifest || value.tables !== counts.tables || value.files !== counts.files)
        throw damaged('at its end');
      return { manifest, summary: value };
    }
    const { meta } = value;
    if (meta.kind === 'manifest') manifest = meta;
    if (meta.kind === 'table') counts.tables++;
    if (meta.kind === 'file') counts.files++;
  }
}

async function* piecesOf({ path, signal, onBytes }: BackupFile): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(path, {
      highWaterMark: 1024 * 1024,
    }) as AsyncIterable<Buffer>) {
      if (signal?.aborted) throw new BackupError('Stopped.');
      yield piece;
      onBytes?.(piece.length);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new BackupError(`${path} cannot be read: ${message}`);
  }
}

const isOfZlib = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code).startsWith('Z_') ||
  (error as Error | null)?.message === 'unexpected end of file';
