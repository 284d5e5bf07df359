import { Readable } from 'node:stream';
import type { BlobStore } from '../../storage/blob-store.js';
import {
  advanceSequence,
  filledTables,
  withoutForeignKeys,
  type SequenceState,
} from '../../storage/transfer/table-catalog.js';
import type { CopySession } from '../../storage/transfer/copy-session.js';
import { removeFileRows } from '../../storage/transfer/restored-rows.js';
import { claimStoreForTransfer, completeStore } from '../transfer/transfer-store.js';
import { BackupError } from './backup-error.js';
import type { BackupEntry } from './backup-entries.js';
import { backupEntries, type BackupFile, type VerifiedBackup } from './read-backup.js';

export interface RestoreOptions {
  file: BackupFile;
  /** Of the same file, a moment ago. */
  verified: VerifiedBackup;
  session: CopySession;
  blobs: BlobStore;
  /** Puts the private key where it belongs, or throws. */
  placeKey(key: Buffer): Promise<void>;
  placeSettings(text: string): Promise<void>;
  /** Unix seconds. */
  now: number;
}

/**
 * Fills an empty database whose tables have the shape that they had when the backup was made. One transaction: all rows
 * are there, or none. Files lie under their ids before the rows do, and a second try overwrites them.
 */
export async function restoreBackup(options: RestoreOptions): Promise<void> {
  const { session, blobs, verified, now } = options;
  const server = verified.manifest.publicKey;
  await claimStoreForTransfer(blobs, { server, now });
  await session.transaction('read and write', async () => {
    await withoutForeignKeys(session, async () => {
      for await (const entry of backupEntries(options.file)) await place(entry, options);
    });
    await removeFileRows(session, verified.summary.deleted);
  });
  await completeStore(blobs, { server, now });
}

/** Throws for an installation in which there is anything. */
export async function refuseFilled(session: CopySession): Promise<void> {
  const filled = await filledTables(session);
  if (filled.length > 0)
    throw new BackupError(
      `This installation is not empty (there are rows in ${filled.join(', ')}). Restore into another DATA_DIR or DATABASE_URL, on which no server has started.`,
    );
}

async function place({ meta, content }: BackupEntry, options: RestoreOptions): Promise<void> {
  const { session, blobs } = options;
  switch (meta.kind) {
    case 'manifest':
      return;
    case 'key':
      return options.placeKey(await wholeOf(content));
    case 'settings':
      return options.placeSettings((await wholeOf(content)).toString());
    case 'table':
      await session.copyIn(meta.name, meta.columns, content);
      return;
    case 'sequences':
      for (const state of JSON.parse((await wholeOf(content)).toString()) as SequenceState[])
        await advanceSequence(session, state);
      return;
    case 'file':
      return blobs.putStream(meta.id, {
        size: meta.size,
        stream: Readable.from(content, { objectMode: false }),
      });
  }
}

async function wholeOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
