import { join } from 'node:path';
import { importIntoEmpty, findUnfinished } from '../../libs/community/transfer/sogs/import-into-empty.js';
import { openSogs } from '../../libs/community/transfer/sogs/open-sogs.js';
import { checkSogs, type SogsCheck } from '../../libs/community/transfer/sogs/sogs-check.js';
import { readFileSync } from 'node:fs';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { serverKeysOf } from '../../libs/crypto/server-keys.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { CopySession } from '../../libs/storage/transfer/copy-session.js';
import { TransferTarget } from '../../libs/storage/transfer/transfer-target.js';
import { scratchDatabase, type ScratchDatabase } from './scratch-database.js';
import { removeFolder, scratchFolder } from './scratch-folder.js';
import type { SogsPaths } from './sogs-samples.js';

const crypto = selectCryptoBackend('sodium');
/** A day after the fixture was made. */
export const NOW = 1_795_500_000;

/** An empty installation, as a command sees it. */
export class TransferScene {
  private constructor(
    readonly database: ScratchDatabase,
    readonly folder: string,
    readonly session: CopySession,
  ) {}

  static async make(options: { empty?: boolean } = {}): Promise<TransferScene> {
    const database = await scratchDatabase(options);
    return new TransferScene(
      database,
      await scratchFolder(),
      await CopySession.open(database.url, 'plaza test'),
    );
  }

  readonly crypto = crypto;

  get target(): TransferTarget {
    return new TransferTarget(this.session);
  }

  get blobs(): FolderBlobStore {
    return new FolderBlobStore(join(this.folder, 'files'));
  }

  get keyFile(): string {
    return join(this.folder, 'key_x25519');
  }

  /** As `plaza import sogs` does it. `signal`: of somebody who stops it. */
  async importSogs(
    { database, uploads, key }: SogsPaths,
    options: { signal?: AbortSignal; restart?: boolean; onRows?: (done: number) => void } = {},
  ): Promise<SogsCheck> {
    const { target, blobs, keyFile } = this;
    const keys = serverKeysOf(crypto, readFileSync(key));
    const publicKey = keys.publicKeyHex;
    const unfinished = await findUnfinished(target, { publicKey, restart: options.restart ?? false });
    const sogs = await openSogs({ database, uploads });
    try {
      const now = unfinished?.startedAt ?? NOW;
      const check = await checkSogs(sogs, { keys, crypto, now, allowMissingFiles: false });
      if (check.findings.refused.length > 0) return check;
      await importIntoEmpty({
        sogs,
        check,
        target,
        blobs,
        publicKey,
        keyFile,
        privateKey: keys.privateKey,
        unfinished,
        now,
        signal: options.signal,
        onProgress: ({ phase, done }) => phase === 'rows' && options.onRows?.(done),
      });
      return check;
    } finally {
      await sogs.source.close();
    }
  }

  async rows<Row>(query: string): Promise<Row[]> {
    return this.session.rows<Row>(query);
  }

  async end(): Promise<void> {
    await this.session.close();
    await this.database.drop();
    await removeFolder(this.folder);
  }
}
