import { KeyFileError, makeKeyFile, readKeyFile } from '../config/key-file.js';
import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { serverKeysOf, type ServerKeys } from '../crypto/server-keys.js';
import type { Clock } from '../protocol/clock.js';
import { sessionIdOf } from '../protocol/ids.js';
import { OperatorError } from '../protocol/operator-error.js';
import type { Database } from '../storage/database.js';
import { ServerStateRepository } from '../storage/server-state.repository.js';
import { UsersRepository } from '../storage/users.repository.js';

const KEY_BYTES = 32;

/** The database is half of what it is to become. The text says what to do. */
export class UnfinishedImportError extends OperatorError {
  override name = 'UnfinishedImportError';
}

/** The server as an actor of its own: its keys, and the `ff…` user that the command line and workers act as. */
export class ServerIdentity {
  constructor(
    readonly keys: ServerKeys,
    readonly userId: number,
  ) {}
}

/**
 * Reads the key file, or makes one for a fresh installation, and holds it against the database: all blinded ids in
 * there belong to one key. Throws KeyFileError when the two do not belong together, or the file is unusable.
 */
export async function openServerIdentity(options: {
  keyFile: string;
  database: Database;
  crypto: CryptoBackend;
  clock: Clock;
}): Promise<ServerIdentity> {
  const { keyFile, database, crypto, clock } = options;
  const serverState = new ServerStateRepository(database);
  const privateKey = (await readKeyFile(keyFile)) ?? (await freshKey(keyFile, serverState, crypto));
  const keys = serverKeysOf(crypto, privateKey);
  const tiedTo = await serverState.claim(keys.publicKeyHex, clock.nowSeconds());
  if (tiedTo !== keys.publicKeyHex)
    throw new KeyFileError(
      `The key file ${keyFile} does not belong to this database: it holds ${keys.publicKeyHex}, the database was filled under ${tiedTo}. Put the right key file back, or point DATABASE_URL or DATA_DIR elsewhere.`,
    );
  if (await serverState.hasUnfinishedImport())
    throw new UnfinishedImportError(
      'An import into this installation was not finished, so nothing works on it yet. Run the same plaza import again to go on with it, or with --restart to begin anew.',
    );
  const userId = await systemUser(database, keys, clock);
  return new ServerIdentity(keys, userId);
}

async function freshKey(
  keyFile: string,
  serverState: ServerStateRepository,
  crypto: CryptoBackend,
): Promise<Buffer> {
  const tiedTo = await serverState.publicKey();
  const madeMeanwhile = tiedTo === undefined ? undefined : await readKeyFile(keyFile);
  if (madeMeanwhile) return madeMeanwhile; // by another server that is just starting
  if (tiedTo !== undefined)
    throw new KeyFileError(
      `The key file ${keyFile} is missing, but the database belongs to the key ${tiedTo}. Restore the file from a backup: with another key every join link and every member's id would change.`,
    );
  return makeKeyFile(keyFile, crypto.randomBytes(KEY_BYTES));
}

/** The row of the server itself: never authenticates, never listed (protocol.md §1). */
async function systemUser(database: Database, keys: ServerKeys, clock: Clock): Promise<number> {
  const users = new UsersRepository(database);
  const sessionId = sessionIdOf('ff', keys.publicKey);
  const known = await users.find(sessionId);
  if (known) return known.id;
  return database.transaction(async (tx) => {
    const made = await users.insert(tx, { sessionId, createdAt: clock.nowSeconds(), lastActiveAt: null });
    return (made ?? (await users.find(sessionId, tx)))!.id;
  });
}
