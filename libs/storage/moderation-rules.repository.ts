import { Injectable } from '@nestjs/common';
import { Database, statement, type Queries, type Transaction } from './database.js';

/** JSON as it was stored; libs/moderation reads it. */
export interface StoredRules {
  /** Counts changes; 0 when there never was one. */
  version: number;
  filters: unknown;
  automod: unknown;
}

const SERVER_VERSION = statement(
  'moderation-rules.server-version',
  `SELECT rules_version AS version FROM server_state`,
);
const OF_SERVER = `SELECT rules_version AS version, filter_rules AS filters, automod_rules AS automod FROM server_state`;
const SERVER = statement('moderation-rules.server', OF_SERVER);
const LOCK_SERVER = statement('moderation-rules.lock-server', `${OF_SERVER} FOR UPDATE`);
const ROOM = statement(
  'moderation-rules.room',
  `SELECT rooms.rules_version AS version, coalesce(filters, '{}') AS filters, coalesce(automod, '{}') AS automod
   FROM rooms LEFT JOIN room_rules ON room_rules.room_id = rooms.id WHERE rooms.id = $1`,
);
const SAVE_SERVER = statement(
  'moderation-rules.save-server',
  `UPDATE server_state SET filter_rules = $1, automod_rules = $2, rules_version = rules_version + 1`,
);
const SAVE_ROOM = statement(
  'moderation-rules.save-room',
  `WITH counted AS (UPDATE rooms SET rules_version = rules_version + 1 WHERE id = $1)
   INSERT INTO room_rules (room_id, filters, automod) VALUES ($1, $2, $3)
   ON CONFLICT (room_id) DO UPDATE SET filters = $2, automod = $3`,
);

/** Filter and automod rules of the server and of rooms. */
@Injectable()
export class ModerationRulesRepository {
  constructor(private readonly database: Database) {}

  async serverVersion(): Promise<number> {
    return (await this.database.query<{ version: number }>(SERVER_VERSION))[0]?.version ?? 0;
  }

  async ofServer(): Promise<StoredRules> {
    const [stored] = await this.database.query<StoredRules>(SERVER);
    return stored ?? { version: 0, filters: {}, automod: {} };
  }

  /** The same, until the end of the transaction nobody else's to change. */
  async lockOfServer(tx: Transaction): Promise<StoredRules> {
    return (await tx.query<StoredRules>(LOCK_SERVER))[0]!;
  }

  /** Undefined when the room is gone. */
  async ofRoom(roomId: number, queries: Queries = this.database): Promise<StoredRules | undefined> {
    return (await queries.query<StoredRules>(ROOM, [roomId]))[0];
  }

  async saveOfServer(tx: Transaction, rules: Omit<StoredRules, 'version'>): Promise<void> {
    await tx.query(SAVE_SERVER, [JSON.stringify(rules.filters), JSON.stringify(rules.automod)]);
    tx.changed({ kind: 'rules' });
  }

  /** The room is the caller's to lock. */
  async saveOfRoom(tx: Transaction, roomId: number, rules: Omit<StoredRules, 'version'>): Promise<void> {
    await tx.query(SAVE_ROOM, [roomId, JSON.stringify(rules.filters), JSON.stringify(rules.automod)]);
    tx.changed({ kind: 'room', roomId });
  }
}
