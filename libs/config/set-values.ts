import { join } from 'node:path';
import type { Environment } from './load-config.js';
import { readEnvFile } from './load-config.js';
import { SETTINGS } from './settings.js';

/** A setting that an operator made, as it was written. */
export interface SetValue {
  name: string;
  value: string;
  /** Opens something else than this server: a password, an access key. */
  secret: boolean;
}

/** Every setting that the environment or `.env` in `cwd` sets, whichever counts. */
export function setValues({
  env = process.env,
  cwd = process.cwd(),
}: { env?: Environment; cwd?: string } = {}): SetValue[] {
  const file = readEnvFile(join(cwd, '.env'), []);
  return [...SETTINGS].flatMap(([name, { secret = false }]) => {
    const value = (env[name] ?? file[name] ?? '').trim();
    return value === '' ? [] : [{ name, value, secret }];
  });
}
