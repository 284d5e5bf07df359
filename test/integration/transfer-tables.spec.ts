import type { Client } from 'pg';
import {
  NOT_OF_ROOMS,
  NOT_TRANSFERRED,
  TRANSFER_TABLES,
} from '../../libs/storage/transfer/transfer-tables.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

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

const facts = async (query: string): Promise<string[]> =>
  (await client.query<{ fact: string }>(query)).rows.map(({ fact }) => fact).sort();

describe('what a room is moved with', () => {
  const names = TRANSFER_TABLES.map(({ name }) => name as string);

  it('are all columns of its tables, or those that stay behind for a reason', async () => {
    const columns = await facts(
      `SELECT table_name || '.' || column_name AS fact FROM information_schema.columns
       WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name IN (${names.map((name) => `'${name}'`).join()})`,
    );
    const known = TRANSFER_TABLES.flatMap((table) => table.names.map((name) => `${table.name}.${name}`));
    expect(columns).toEqual([...known, ...Object.keys(NOT_TRANSFERRED)].sort());
  });

  it('is of the kinds that the columns are of', async () => {
    const types = {
      bigint: 'integer',
      integer: 'integer',
      'double precision': 'number',
      boolean: 'flag',
      bytea: 'bytes',
      jsonb: 'json',
      text: 'text',
    };
    const columns = await facts(
      `SELECT table_name || '.' || column_name || ' ' || data_type AS fact FROM information_schema.columns
       WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name IN (${names.map((name) => `'${name}'`).join()})`,
    );
    const kinds = columns.map((fact) => {
      const [, column, type] = /^(\S+) (.+)$/.exec(fact)!;
      return `${column} ${types[type as keyof typeof types]}`;
    });
    const known = TRANSFER_TABLES.flatMap((table) =>
      table.columns.map(({ name, kind }) => `${table.name}.${name} ${kind}`),
    );
    expect(kinds).toEqual(expect.arrayContaining(known));
  });

  it('are all tables that speak of a room, or those that stay behind for a reason', async () => {
    const tables = await facts(
      `SELECT DISTINCT conrelid::regclass::text AS fact FROM pg_constraint
       WHERE contype = 'f' AND confrelid IN ('rooms'::regclass, 'messages'::regclass)`,
    );
    expect(tables.filter((name) => !names.includes(name))).toEqual(Object.keys(NOT_OF_ROOMS).sort());
  });

  it('is left out with reasons that say something', () => {
    for (const reason of [...Object.values(NOT_TRANSFERRED), ...Object.values(NOT_OF_ROOMS)])
      expect(reason).toMatch(/\w+ \w+ \w+/);
  });
});
