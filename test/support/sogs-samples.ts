import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PROJECT } from './plaza-process.js';

export const FIXTURE = join(PROJECT, 'test', 'fixtures', 'reference-server');

/** What the reference server answered, and to whom. */
export interface ReferenceReads {
  server_public: string;
  accounts: Record<string, { seed: string; blinded_id: string }>;
  reads: ReferenceRead[];
}

export interface ReferenceRead {
  user: string | null;
  path: string;
  status: number;
  json?: unknown;
  base64?: string;
  disposition?: string;
}

export const referenceReads = (): ReferenceReads =>
  JSON.parse(readFileSync(join(FIXTURE, 'reads.json'), 'utf8')) as ReferenceReads;

/** A copy of the reference server to be spoilt, or read: SQLite writes beside a file that it only reads. */
export function copyReference(folder: string, change: string[] = []): SogsPaths {
  cpSync(FIXTURE, folder, { recursive: true });
  const paths = pathsIn(folder);
  if (change.length > 0) changeSogs(paths.database, change);
  return paths;
}

/** Without the reference's triggers and checks, which would keep the wrong out. */
export function changeSogs(path: string, statements: string[]): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA foreign_keys = off; PRAGMA ignore_check_constraints = on');
  const triggers = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
  for (const statement of statements) database.exec(statement);
  database.close();
}

export interface SogsPaths {
  database: string;
  uploads: string;
  key: string;
}

const pathsIn = (folder: string): SogsPaths => ({
  database: join(folder, 'sogs.db'),
  uploads: join(folder, 'uploads'),
  key: join(folder, 'key_x25519'),
});

/** The arguments of `plaza import sogs`. */
export const importArguments = ({ database, uploads, key }: SogsPaths): string[] => [
  'import',
  'sogs',
  '--database',
  database,
  '--uploads',
  uploads,
  '--key',
  key,
];
