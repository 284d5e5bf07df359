import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

const CLAIM = statement(
  'server-state.claim',
  `INSERT INTO server_state (public_key, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`,
);
const PUBLIC_KEY = statement('server-state.public-key', `SELECT public_key AS "publicKey" FROM server_state`);
const UNFINISHED_IMPORT = statement(
  'server-state.unfinished-import',
  `SELECT unfinished_import IS NOT NULL AS unfinished FROM server_state`,
);
const USERS_VERSION = statement(
  'read-models.users-version',
  `SELECT users_version AS version FROM server_state`,
);
const LAST_BACKUP = statement(
  'server-state.last-backup',
  `SELECT last_backup_at AS "lastBackupAt" FROM server_state`,
);
const BUMP_USERS = statement(
  'server-state.bump-users-version',
  `UPDATE server_state SET users_version = users_version + 1`,
);

@Injectable()
export class ServerStateRepository {
  constructor(private readonly database: Database) {}

  /** Ties a fresh database to a server key; returns the key (hex) it is tied to, ours or another. */
  async claim(publicKey: string, now: number): Promise<string> {
    await this.database.query(CLAIM, [publicKey, now]);
    return (await this.publicKey())!;
  }

  /** The key (hex) that this database is tied to; undefined for a fresh one. */
  async publicKey(): Promise<string | undefined> {
    return (await this.database.query<{ publicKey: string }>(PUBLIC_KEY))[0]?.publicKey;
  }

  /** Whether an import was begun here that did not come to its end. */
  async hasUnfinishedImport(): Promise<boolean> {
    const [state] = await this.database.query<{ unfinished: boolean }>(UNFINISHED_IMPORT);
    return state?.unfinished ?? false;
  }

  /** Unix seconds; undefined before the first that `plaza backup` made. */
  async lastBackupAt(): Promise<number | undefined> {
    const [state] = await this.database.query<{ lastBackupAt: number | null }>(LAST_BACKUP);
    return state?.lastBackupAt ?? undefined;
  }

  /** Counts changes of global roles and bans. */
  async usersVersion(): Promise<number> {
    return (await this.database.query<{ version: number }>(USERS_VERSION))[0]?.version ?? 0;
  }

  /** Counts a change of global roles or bans, so that running servers look again. */
  async bumpUsersVersion(tx: Transaction): Promise<void> {
    await tx.query(BUMP_USERS);
    tx.changed({ kind: 'users' });
  }
}
