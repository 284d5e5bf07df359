import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { projectRoot } from '../../libs/config/project-root.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

/** Prisma's scalar types as PostgreSQL calls them. Whatever else stands there is a relation. */
const SCALARS: Readonly<Record<string, string>> = {
  BigInt: 'bigint',
  Int: 'integer',
  Float: 'double precision',
  String: 'text',
  Boolean: 'boolean',
  Bytes: 'bytea',
  Json: 'jsonb',
};

interface Field {
  name: string;
  type: string;
  optional: boolean;
  rest: string;
  column: string;
}

interface Model {
  name: string;
  table: string;
  fields: Field[];
  blockAttributes: string[];
}

/** What both sides are reduced to: one line per fact, so that a difference reads well. */
type Facts = string[];

const ignored = (line: string): boolean => line === '' || line.startsWith('//');

function parseSchema(text: string): Model[] {
  return [...text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].map(([, name, body]) => {
    const lines = body!.split('\n').map((line) => line.trim());
    const blockAttributes = lines.filter((line) => line.startsWith('@@'));
    const fields = lines.filter((line) => !ignored(line) && !line.startsWith('@@')).map(parseField);
    const table = /@@map\("(\w+)"\)/.exec(blockAttributes.join(' '))?.[1] ?? name!;
    return { name: name!, table, fields, blockAttributes };
  });
}

function parseField(line: string): Field {
  const [, name, type, suffix, rest] = /^(\w+)\s+(\w+)(\?|\[\])?(.*)$/.exec(line)!;
  const column = /@map\("(\w+)"\)/.exec(rest!)?.[1] ?? name!;
  return {
    name: name!,
    type: type! + (suffix === '[]' ? '[]' : ''),
    optional: suffix === '?',
    rest: rest!,
    column,
  };
}

const isColumn = ({ type }: Field): boolean => type in SCALARS;

function columnFacts(models: Model[]): Facts {
  return models.flatMap(({ table, fields }) =>
    fields.filter(isColumn).map(({ column, type, optional, rest }) => {
      const nullable = optional ? 'null' : 'not null';
      return `${table}.${column} ${SCALARS[type]} ${nullable} default ${defaultOf(rest)}`;
    }),
  );
}

function defaultOf(attributes: string): string {
  const value = /@default\((.+?\)?)\)/.exec(attributes)?.[1];
  if (value === 'autoincrement()') return 'identity';
  if (value === 'dbgenerated()') return 'generated';
  return value?.replaceAll('"', "'") ?? 'none';
}

const columnsOf = (model: Model, names: string): string =>
  names
    .split(',')
    .map((name) => model.fields.find((field) => field.name === name.trim())!.column)
    .join(', ');

/** Primary keys and unique constraints or indexes. */
function keyFacts(models: Model[]): Facts {
  return models.flatMap((model) => [
    ...model.fields.flatMap(({ column, rest }) => {
      if (/@id\b/.test(rest)) return [`${model.table} primary (${column})`];
      const unique = /@unique\(map: "(\w+)"\)/.exec(rest);
      return unique ? [`${model.table} unique ${unique[1]} (${column})`] : [];
    }),
    ...model.blockAttributes.flatMap((line) => {
      const id = /^@@id\(\[([^\]]+)\]\)/.exec(line);
      if (id) return [`${model.table} primary (${columnsOf(model, id[1]!)})`];
      const unique = /^@@unique\(\[([^\]]+)\], map: "(\w+)"\)/.exec(line);
      return unique ? [`${model.table} unique ${unique[2]} (${columnsOf(model, unique[1]!)})`] : [];
    }),
  ]);
}

/** What is said about deletion only where it is said: Prisma's own default has no counterpart. */
function referenceFacts(models: Model[]): Facts {
  return models.flatMap((model) =>
    model.fields.flatMap(({ type, rest }) => {
      const relation = /@relation\((?:"\w+", )?fields: \[([^\]]+)\], references: \[([^\]]+)\](.*)\)/.exec(
        rest,
      );
      if (!relation) return [];
      const target = models.find(({ name }) => name === type)!;
      const [from, to] = [columnsOf(model, relation[1]!), columnsOf(target, relation[2]!)];
      const onDelete = /onDelete: (\w+)/.exec(relation[3]!)?.[1] ?? 'NoAction';
      return [`${model.table} (${from}) -> ${target.table} (${to}) on delete ${onDelete}`];
    }),
  );
}

const COLUMNS = `SELECT table_name || '.' || column_name || ' ' || data_type
    || CASE is_nullable WHEN 'YES' THEN ' null' ELSE ' not null' END || ' default '
    || CASE WHEN is_identity = 'YES' THEN 'identity' WHEN is_generated = 'ALWAYS' THEN 'generated'
       ELSE coalesce(regexp_replace(column_default, '::(jsonb|text)$', ''), 'none') END AS fact
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`;
const KEYS = `SELECT class.relname || CASE WHEN indisprimary THEN ' primary' ELSE ' unique ' || index_class.relname END
    || ' (' || (SELECT string_agg(attname, ', ' ORDER BY place)
       FROM unnest(indkey) WITH ORDINALITY AS key(number, place)
       JOIN pg_attribute ON attrelid = indrelid AND attnum = key.number) || ')' AS fact
  FROM pg_index JOIN pg_class AS class ON class.oid = indrelid JOIN pg_class AS index_class ON index_class.oid = indexrelid
  WHERE indisunique AND class.relnamespace = 'public'::regnamespace AND class.relname <> '_prisma_migrations'`;
const columnNames = (numbers: string, table: string) => `(SELECT string_agg(attname, ', ' ORDER BY place)
  FROM unnest(${numbers}) WITH ORDINALITY AS key(number, place)
  JOIN pg_attribute ON attrelid = ${table} AND attnum = key.number)`;
const REFERENCES = `SELECT conrelid::regclass || ' (' || ${columnNames('conkey', 'conrelid')} || ') -> '
    || confrelid::regclass || ' (' || ${columnNames('confkey', 'confrelid')} || ') on delete '
    || CASE confdeltype WHEN 'c' THEN 'Cascade' WHEN 'n' THEN 'SetNull' WHEN 'a' THEN 'NoAction' ELSE confdeltype::text END AS fact
  FROM pg_constraint WHERE contype = 'f'`;

describe('schema.prisma and the migrated database', () => {
  const models = parseSchema(readFileSync(join(projectRoot, 'prisma', 'schema.prisma'), 'utf8'));
  let database: ScratchDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await scratchDatabase();
    client = await connect(database.url);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });
  const facts = async (query: string): Promise<Facts> =>
    (await client.query<{ fact: string }>(query)).rows.map(({ fact }) => fact).sort();

  it('have the same tables and columns, with the same types, nullability and defaults', async () => {
    expect(await facts(COLUMNS)).toEqual(columnFacts(models).sort());
  });

  it('have the same keys', async () => expect(await facts(KEYS)).toEqual(keyFacts(models).sort()));

  it('have the same references, and do the same when their target goes', async () => {
    expect(await facts(REFERENCES)).toEqual(referenceFacts(models).sort());
  });

  it.each([
    ['a column more', 'ALTER TABLE users ADD nickname text', COLUMNS, columnFacts],
    ['a column less', 'ALTER TABLE rooms DROP COLUMN active_users', COLUMNS, columnFacts],
    ['a table more', 'CREATE TABLE extra (id int)', COLUMNS, columnFacts],
    ['another type', 'ALTER TABLE rooms ALTER active_users TYPE bigint', COLUMNS, columnFacts],
    ['another nullability', 'ALTER TABLE users ALTER created_at DROP NOT NULL', COLUMNS, columnFacts],
    ['another default', 'ALTER TABLE rooms ALTER default_read SET DEFAULT false', COLUMNS, columnFacts],
    ['a key more', 'CREATE UNIQUE INDEX extra ON rooms (name)', KEYS, keyFacts],
    ['a key less', 'DROP INDEX rooms_image_id_key', KEYS, keyFacts],
    ['a reference less', 'ALTER TABLE files DROP CONSTRAINT files_room_id_fkey', REFERENCES, referenceFacts],
  ])('are told apart by %s', async (_, change, query, factsOf) => {
    await client.query('BEGIN');
    await client.query(change);
    const changed = await facts(query).finally(() => client.query('ROLLBACK'));
    expect(changed).not.toEqual(factsOf(models).sort());
  });

  it('sort and compare ids and tokens by their bytes', async () => {
    const { rows } = await client.query<{ column: string }>(
      `SELECT table_name || '.' || column_name AS column FROM information_schema.columns
       WHERE collation_name = 'C' AND table_schema = 'public' ORDER BY 1`,
    );
    expect(rows.map(({ column }) => column)).toEqual([
      'pending_blinding.absolute_id',
      'reactions.emoji',
      'rooms.token',
      'rooms.token_key',
      'users.session_id',
    ]);
  });
});
