import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ServerWords } from '../../../server-words.js';
import { ImportError } from '../../import-error.js';
import { carryFilters, type CarriedFilters } from './ini-filters.js';
import { parseIni, type IniFile } from './ini-file.js';
import { carrySettings, type CarriedSetting, type LeftBehind } from './ini-settings.js';

/** What the reference server's `sogs.ini` says (reference-operator.md). */
export interface SogsIni {
  /** A path or a postgresql: address. */
  database: string;
  /** Absolute. */
  uploads: string;
  /** Absolute. */
  key: string;
  settings: CarriedSetting[];
  filters: Omit<CarriedFilters, 'left'>;
  /** What could not be understood, or has nothing like it here. */
  left: LeftBehind[];
}

const BYTES_MAX = 1024 ** 2;
const DEFAULTS = { database: 'sqlite:///sogs.db', uploads: 'uploads', key: 'key_x25519' };

/** Paths in it start from its folder. Throws ImportError when it cannot be read. */
export async function readSogsIni(path: string): Promise<SogsIni> {
  const folder = dirname(resolve(path));
  const file = parseIni(await textOf(path), path);
  const readWords = async (words: string): Promise<readonly string[]> =>
    (await ServerWords.read(resolve(folder, words))).terms;
  const { left: leftFilters, ...filters } = await carryFilters(file, readWords);
  const { settings, left } = carrySettings(file);
  return {
    database: databaseOf(said(file, 'db', 'url') ?? DEFAULTS.database, folder),
    uploads: resolve(folder, said(file, 'files', 'uploads_dir') ?? DEFAULTS.uploads),
    key: resolve(folder, said(file, 'crypto', 'key_file') ?? DEFAULTS.key),
    settings,
    filters,
    left: [...left, ...leftFilters],
  };
}

function said(file: IniFile, section: string, key: string): string | undefined {
  const text = file.get(section)?.get(key)?.join(' ');
  return text === '' ? undefined : text;
}

/** `sqlite:///sogs.db` is beside the file, `sqlite:////srv/sogs.db` is absolute. */
function databaseOf(url: string, folder: string): string {
  const [, path] = /^sqlite:\/\/\/(.+)$/.exec(url) ?? [];
  if (path !== undefined) return resolve(folder, path);
  if (/^postgres(?:ql)?:/.test(url)) return url;
  throw new ImportError(
    `[db] url is ${JSON.stringify(url.split(':')[0])}, expected sqlite:/// or postgresql:.`,
  );
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new ImportError(`${path} cannot be read (${error.code}).`);
  });
  if (bytes.length > BYTES_MAX)
    throw new ImportError(`${path} has ${bytes.length} bytes, more than ${BYTES_MAX}.`);
  return bytes.toString('utf8');
}
