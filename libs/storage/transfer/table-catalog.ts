import { quoted, type CopySession } from './copy-session.js';

/** A table with what can be written into it; generated columns make themselves. */
export interface CataloguedTable {
  name: string;
  columns: string[];
  primaryKey: string[];
}

export interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

export interface SequenceState {
  table: string;
  column: string;
  /** The last number that was given out; 0 for none. */
  last: number;
}

/** Tables that no backup holds, each with its reason. All others are in it, without being named anywhere. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  _prisma_migrations:
    'says what shape the tables have; the restoring server makes them so, and records it itself',
  admin_sessions: 'browsers log in again: a session that was ended since must not come back',
  login_links: 'good for minutes, and once',
  admin_answers: 'answers to calls of the last day, for those who repeat them',
};
/** Schemas of other programs in the same database. */
export const SCHEMAS_LEFT_OUT: Readonly<Record<string, string>> = {
  bullmq: 'jobs of the worker, which plans those that come back by itself and is asked anew for others',
};

const INDEX_MEMORY = '128MB';

const TABLES = `
  SELECT class.relname AS name,
    (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
    coalesce((SELECT array_agg(attname::text ORDER BY place) FROM pg_index,
      unnest(indkey) WITH ORDINALITY AS key(number, place) JOIN pg_attribute ON attnum = key.number
      WHERE indrelid = class.oid AND indisprimary AND attrelid = class.oid), '{}') AS "primaryKey"
  FROM pg_class AS class
  WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
  ORDER BY class.relname`;
const FOREIGN_KEYS = `
  SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2`;
const INDEXES = `
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = $1::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))`;
const KEYS_AROUND = `
  SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE contype = 'f' AND $1::regclass IN (conrelid, confrelid) ORDER BY 1, 2`;
const IDENTITIES = `
  SELECT class.relname AS table, attname AS column,
    coalesce(pg_sequence_last_value(pg_get_serial_sequence(quote_ident(class.relname), attname)::regclass), 0) AS last
  FROM pg_attribute JOIN pg_class AS class ON class.oid = attrelid
  WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind = 'r' AND NOT attisdropped
    AND pg_get_serial_sequence(quote_ident(class.relname), attname) IS NOT NULL
  ORDER BY 1, 2`;

/** Every table of ours that holds something worth keeping, by name. */
export async function cataloguedTables(session: CopySession): Promise<CataloguedTable[]> {
  const tables = await session.rows<CataloguedTable>(TABLES);
  return tables.filter(({ name }) => !Object.hasOwn(LEFT_OUT, name));
}

/** Names of those that have rows; empty for a database that nobody used yet, migrated or not. */
export async function filledTables(session: CopySession): Promise<string[]> {
  const names = (await cataloguedTables(session)).map(({ name }) => name);
  const filled: string[] = [];
  for (const name of names) {
    const [found] = await session.rows<{ filled: boolean }>(
      `SELECT EXISTS (SELECT FROM ${quoted(name)}) AS filled`,
    );
    if (found?.filled) filled.push(name);
  }
  return filled;
}

export const sequenceStates = (session: CopySession): Promise<SequenceState[]> => session.rows(IDENTITIES);

/** The next row gets an id beyond `last`, and beyond every id that is there. */
export async function advanceSequence(
  session: CopySession,
  { table, column, last }: SequenceState,
): Promise<void> {
  await session.rows(
    `SELECT setval(pg_get_serial_sequence($1, $2), greatest($3::bigint, max(${quoted(column)}))) FROM ${quoted(table)}
     HAVING greatest($3::bigint, max(${quoted(column)})) > 0`,
    [quoted(table), column, last],
  );
}

/** Foreign keys go for the time of `work` and come back after it, checked: rows may then come in any order, and faster. */
export async function withoutForeignKeys<Result>(
  session: CopySession,
  work: () => Promise<Result>,
): Promise<Result> {
  return without(session, await session.rows<ForeignKey>(FOREIGN_KEYS), work);
}

/**
 * The same for one table, with its indexes: one that is made when all rows are there costs a fraction. In a
 * transaction, so that nobody ever sees the table without them.
 */
export async function withoutIndexes<Result>(
  session: CopySession,
  table: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return without(session, await session.rows<ForeignKey>(KEYS_AROUND, [table]), async () => {
    const indexes = await session.rows<{ name: string; definition: string }>(INDEXES, [table]);
    for (const { name } of indexes) await session.rows(`DROP INDEX ${name}`);
    const result = await work();
    await session.rows(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`);
    for (const { definition } of indexes) await session.rows(definition);
    return result;
  });
}

async function without<Result>(
  session: CopySession,
  keys: readonly ForeignKey[],
  work: () => Promise<Result>,
): Promise<Result> {
  for (const { table, name } of keys)
    await session.rows(`ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`);
  const result = await work();
  for (const { table, name, definition } of keys)
    await session.rows(`ALTER TABLE ${table} ADD CONSTRAINT ${quoted(name)} ${definition}`);
  return result;
}
