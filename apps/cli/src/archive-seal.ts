import { ArchiveSeal } from '../../../libs/community/transfer/rooms/archive-seal.js';
import type { Config } from '../../../libs/config/config.js';
import { readKeyFile } from '../../../libs/config/key-file.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';

/** By the key of this server; undefined where there is none yet. */
export async function archiveSeal({ keyFile }: Config): Promise<ArchiveSeal | undefined> {
  const key = await readKeyFile(keyFile);
  return key && new ArchiveSeal(selectCryptoBackend('sodium'), key);
}
