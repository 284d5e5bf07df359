import { createHash } from 'node:crypto';
import { backupEntries } from '../../libs/community/backup/read-backup.js';
import type { BackupSummary } from '../../libs/community/backup/backup-entries.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';

export interface BackupContents {
  /** By what an entry is: its bytes' SHA-256. */
  digests: Map<string, string>;
  summary: BackupSummary;
}

/** Everything that a backup holds, in a form that can be compared; when it was made is left aside. */
export async function contentsOf(path: string, passphrase?: string): Promise<BackupContents> {
  const digests = new Map<string, string>();
  const entries = backupEntries({ path, passphrase, crypto: selectCryptoBackend('sodium') });
  for (;;) {
    const { done, value } = await entries.next();
    if (done) return { digests, summary: value };
    const hash = createHash('sha256');
    for await (const piece of value.content) hash.update(piece);
    const { meta } = value;
    digests.set(
      JSON.stringify(meta.kind === 'manifest' ? { ...meta, createdAt: 0 } : meta),
      hash.digest('hex'),
    );
  }
}
