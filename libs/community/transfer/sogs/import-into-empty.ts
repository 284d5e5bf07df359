import { makeKeyFile, readKeyFile } from '../../../config/key-file.js';
import { selectCryptoBackend } from '../../../crypto/select-backend.js';
import type { TransferTarget, UnfinishedImport } from '../../../storage/transfer/transfer-target.js';
import { ImportError } from '../import-error.js';
import { SogsImport, type SogsImportOptions } from './sogs-import.js';

export interface IntoEmptyOptions extends SogsImportOptions {
  /** Where this installation keeps its key, and the key that it is to be. */
  keyFile: string;
  privateKey: Buffer;
  /** Of an import that was begun before. */
  unfinished: UnfinishedImport | undefined;
  /** Unix seconds. */
  now: number;
}

/** What an earlier import into this installation left, so that it can be gone on with. Throws for one that is in use. */
export async function findUnfinished(
  target: TransferTarget,
  { publicKey, restart }: { publicKey: string; restart: boolean },
): Promise<UnfinishedImport | undefined> {
  if (!(await target.lock())) throw new ImportError('Another import into this database is under way.');
  const state = await target.state();
  if (state?.unfinished) {
    if (restart) {
      await target.clear();
      return undefined;
    }
    if (state.publicKey !== publicKey)
      throw new ImportError(
        'Here an import of another server was begun and not finished. Go on with that one, or begin anew with --restart.',
      );
    return state.unfinished;
  }
  const filled = await target.filled();
  if (filled.length > 0)
    throw new ImportError(
      `This installation is not empty (there are rows in ${filled.join(', ')}). Give the import an empty one (another DATA_DIR or DATABASE_URL, on which no server has started), or say --merge-into to add the rooms to this one.`,
    );
  return undefined;
}

/** Takes everything into an empty installation, with its ids and its key. */
export async function importIntoEmpty(options: IntoEmptyOptions): Promise<void> {
  const { unfinished, check, target, publicKey, now } = options;
  if (unfinished && unfinished.fingerprint !== check.fingerprint)
    throw new ImportError(
      'The source has changed since this import was begun. Stop its server for good, and begin anew with --restart.',
    );
  await placeKey(options);
  const state = unfinished ?? { fingerprint: check.fingerprint, startedAt: now, written: {} };
  if (!unfinished) await target.begin(publicKey, state);
  await new SogsImport(options).run(state);
}

async function placeKey({ keyFile, privateKey }: IntoEmptyOptions): Promise<void> {
  const found = (await readKeyFile(keyFile)) ?? (await makeKeyFile(keyFile, privateKey));
  if (!selectCryptoBackend('sodium').constantTimeEqual(found, privateKey))
    throw new ImportError(`There is another key in ${keyFile} already. Move it away if nobody needs it.`);
}
