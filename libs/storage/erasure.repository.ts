import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { Database, statement } from './database.js';
import { toStorageError } from './storage-errors.js';
import { WHOLE_SERVER } from './statistics.repository.js';
import { SCHEMAS_LEFT_OUT } from './transfer/table-catalog.js';

/** Tables that are not written anew, each with its reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  _prisma_migrations: 'nothing of it is ever deleted',
  server_state: 'one row, about the server alone',
  statistics: 'sums, which say nothing about anybody',
};
/** PostgreSQL's own table of samples of columns. */
const SAMPLES = 'pg_catalog.pg_statistic';
const NO_LOCK = '55P03';
const TOO_LATE = '57014';
const NOT_ALLOWED = '42501';
const CONNECT_TIMEOUT_MS = 10_000;

const TABLES = statement(
  'erasure.tables',
  `SELECT format('%I.%I', nspname, class.relname) AS name, pg_total_relation_size(class.oid) AS bytes,
     coalesce(n_tup_ins + n_tup_upd + n_tup_del, 0) AS changes
   FROM pg_class AS class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     LEFT JOIN pg_stat_all_tables AS counts ON counts.relid = class.oid
   WHERE relkind = 'r' AND (nspname = current_schema() AND class.relname <> ALL ($1) OR nspname = ANY ($2))
   ORDER BY bytes, name`,
);
const QUIET_HOUR = statement(
  'erasure.quiet-hour',
  // Of hours that are equally quiet the first from three o'clock on.
  `SELECT hour FROM generate_series(0, 23) AS hour
     LEFT JOIN statistics ON room_id = ${WHOLE_SERVER} AND step_hours = 1 AND at >= $1 AND (at::bigint / 3600) % 24 = hour
   GROUP BY hour ORDER BY coalesce(sum(posts + polls), 0), (hour + 21) % 24 LIMIT 1`,
);
const STATE = statement('erasure.state', `SELECT erasure FROM server_state`);
const SAVE = statement('erasure.save', `UPDATE server_state SET erasure = $1`);

export interface ErasableTable {
  /** With its schema, quoted. */
  name: string;
  /** With indexes and what lies apart from the rows. */
  bytes: number;
  /** Rows that were ever inserted, changed or deleted; starts again after a crash. */
  changes: number;
}

export interface ErasureState {
  /** Unix seconds of the last run. */
  at: number;
  /** By table: {@link ErasableTable.changes} when it was last written anew. */
  changes: Record<string, number>;
}

export interface Patience {
  /** For others to let go of the table; whoever comes meanwhile waits too. */
  lockMs: number;
  /** For all of it, during which everybody else waits; 0: no limit. */
  allMs: number;
}

/** `busy`: others use it, or may still see what was deleted. `slow`: patience ran out, and it is as it was. */
export type Rewriting = 'done' | 'busy' | 'slow';

/**
 * Writing tables anew. PostgreSQL's own VACUUM gives the room of deleted rows free without overwriting it, so that
 * their bytes stay in the files until others take the place; VACUUM FULL copies what is left into new files.
 */
@Injectable()
export class ErasureRepository {
  constructor(private readonly database: Database) {}

  /** All that may hold something about people, smallest first. */
  tables(): Promise<ErasableTable[]> {
    return this.database.query(TABLES, [Object.keys(LEFT_OUT), Object.keys(SCHEMAS_LEFT_OUT)]);
  }

  /** The hour of the day (UTC, 0 to 23) in which least has happened since then. */
  async quietHour(since: number): Promise<number> {
    return (await this.database.query<{ hour: number }>(QUIET_HOUR, [since]))[0]!.hour;
  }

  /** Undefined before the first run. */
  async state(): Promise<ErasureState | undefined> {
    const [row] = await this.database.query<{ erasure: ErasureState | null }>(STATE);
    return row?.erasure ?? undefined;
  }

  async save(state: ErasureState): Promise<void> {
    await this.database.query(SAVE, [JSON.stringify(state)]);
  }

  /**
   * Writes a table and its indexes anew; nobody else reads or writes it meanwhile. `name` as {@link tables} gives it.
   */
  async rewrite(name: string, { lockMs, allMs }: Patience): Promise<Rewriting> {
    return this.alone(async (client) => {
      let stillSeen = 0;
      const hear = ({ detail }: { detail?: string | undefined }) =>
        (stillSeen += Number(/\d+/.exec(detail ?? '')?.[0] ?? 0));
      client.on('notice', hear);
      try {
        await client.query(`SET lock_timeout = ${lockMs}; SET statement_timeout = ${allMs}`);
        await client.query(`VACUUM (FULL, VERBOSE) ${name}`);
        return stillSeen === 0 ? 'done' : 'busy';
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === NO_LOCK) return 'busy';
        if (code === TOO_LATE) return 'slow';
        throw error;
      } finally {
        client.off('notice', hear);
      }
    });
  }

  /** Frees what can be freed without anybody waiting. */
  async vacuum(name: string): Promise<void> {
    await this.alone(async (client) => {
      await client.query(`VACUUM ${name}`);
    });
  }

  /** The samples that plans are made by. PostgreSQL leaves it, with a warning, where the database is not ours. */
  rewriteSamples(patience: Patience): Promise<Rewriting> {
    return this.rewrite(SAMPLES, patience);
  }

  /**
   * Writes everything out and begins another file of the write-ahead log, so that those of before can go. False where
   * our user may not.
   */
  async dropLog(): Promise<boolean> {
    return this.alone(async (client) => {
      try {
        // Twice: a checkpoint keeps what the one before it may still need.
        for (let count = 0; count < 2; count++) {
          await client.query('SELECT pg_switch_wal()');
          await client.query('CHECKPOINT');
        }
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === NOT_ALLOWED) return false;
        throw error;
      }
    });
  }

  /** Over a connection of its own, which has none of the time limits of requests: a large table takes minutes. */
  private async alone<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client({
      connectionString: this.database.url,
      application_name: 'plaza erasure',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined); // whatever it is, the query that is under way fails with it
    try {
      await client.connect();
      return await work(client);
    } catch (error) {
      throw toStorageError(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
