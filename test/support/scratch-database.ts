import { randomBytes } from 'node:crypto';
import { Client, types } from 'pg';
import { SCRATCH_URL } from './scratch-settings.js';

/** A migrated database of one's own. */
export interface ScratchDatabase {
  url: string;
  /** Ends all connections to it. */
  drop(): Promise<void>;
}

/** Every test file counts anew in the same process. */
const RUN = randomBytes(4).toString('hex');
let made = 0;

/** Copies the template: some 30 ms. `empty`: without any table. */
export async function scratchDatabase({ empty = false } = {}): Promise<ScratchDatabase> {
  const template = templateUrl();
  const name = `scratch_${process.pid}_${RUN}_${++made}`;
  const source = empty ? 'template0' : template.pathname.slice(1);
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  const url = new URL(template);
  url.pathname = name;
  return { url: url.href, drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

function templateUrl(): URL {
  const url = process.env[SCRATCH_URL];
  if (url === undefined)
    throw new Error('run this with Jest, project integration: its setup starts PostgreSQL');
  return new URL(url);
}

async function onServer(sql: string): Promise<void> {
  const url = templateUrl();
  url.pathname = 'postgres';
  const client = await connect(url.href);
  await client.query(sql).finally(() => client.end());
}

/** A plain connection; int8 comes as number. Whoever opens it ends it. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, types: { getTypeParser } });
  client.on('error', () => undefined); // databases and servers are stopped under it
  await client.connect();
  return client;
}

/** Nobody needs these databases after a power cut; a kill -9 they survive. Holds for the whole server. */
export async function forgetDurability(url: string): Promise<void> {
  const client = await connect(url);
  for (const setting of ['fsync', 'full_page_writes'])
    await client.query(`ALTER SYSTEM SET ${setting} = off`);
  await client.query('SELECT pg_reload_conf()');
  await client.end();
}

const INT8_OID = 20;
const getTypeParser = ((oid: number, format?: 'text') =>
  oid === INT8_OID ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser;
