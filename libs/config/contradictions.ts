import type { FilesLocation } from './files-url.js';
import { namesUser } from './url-password.js';

/** What a message or direct message takes in a JSON body besides its base64: names, signature, file ids. */
const JSON_AROUND_DATA_BYTES = 4096;

/** What the embedded PostgreSQL takes, less some for commands, the worker and maintenance (embedded-postgres.ts). */
const EMBEDDED_CONNECTIONS_MAX = 180;

/** Settings that are fine alone but not together. A setting that did not parse has its own problem already. */
export function findContradictions(values: ReadonlyMap<string, unknown>): string[] {
  return [...ofPassword(values), ...ofProcesses(values), ...ofCredentials(values), ...ofSizes(values)];
}

function ofPassword(values: ReadonlyMap<string, unknown>): string[] {
  const url = values.get('DATABASE_URL') as string | undefined;
  if (url === undefined || values.get('DATABASE_PASSWORD') === undefined || namesUser(url)) return [];
  return ['DATABASE_PASSWORD needs a user in DATABASE_URL, such as postgres://user@host/database'];
}

/** Half a pair would be passed over in silence, for whatever Amazon's defaults find. */
function ofCredentials(values: ReadonlyMap<string, unknown>): string[] {
  const files = values.get('FILES_URL') as FilesLocation | undefined;
  if (files?.kind !== 's3') return [];
  const pair = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const missing = pair.filter((name) => values.has(name) && values.get(name) === undefined);
  return missing.length === 1 ? [`${missing[0]} is not set, but its counterpart is: set both or none`] : [];
}

function ofProcesses(values: ReadonlyMap<string, unknown>): string[] {
  const processes = values.get('API_PROCESSES');
  const poolSize = values.get('DATABASE_POOL_SIZE');
  if (typeof processes !== 'number' || typeof poolSize !== 'number' || processes === 1) return [];
  const problems: string[] = [];
  const isUnset = (name: string): boolean => values.has(name) && values.get(name) === undefined;
  if (isUnset('REDIS_URL') && values.get('PLAZA_TEST_ALLOW_SEVERAL_PROCESSES') === false)
    problems.push(
      `API_PROCESSES asks for ${processes} processes, which need REDIS_URL: what one of them knows of nonces and rate limits is unknown to the others`,
    );
  const connections = processes * poolSize;
  if (isUnset('DATABASE_URL') && connections > EMBEDDED_CONNECTIONS_MAX)
    problems.push(
      `API_PROCESSES times DATABASE_POOL_SIZE is ${connections}, expected at most ${EMBEDDED_CONNECTIONS_MAX} with the embedded PostgreSQL: lower one of them or set DATABASE_URL`,
    );
  return problems;
}

function ofSizes(values: ReadonlyMap<string, unknown>): string[] {
  const body = values.get('HTTP_BODY_BYTES_MAX');
  if (typeof body !== 'number') return [];
  const problems: string[] = [];

  const file = values.get('FILE_BYTES_MAX');
  if (typeof file === 'number' && file > body) {
    problems.push(
      `FILE_BYTES_MAX is ${file} bytes, expected at most HTTP_BODY_BYTES_MAX (${body} bytes): a file is the body of a request`,
    );
  }
  for (const name of ['MESSAGE_DATA_BYTES_MAX', 'DIRECT_MESSAGE_BYTES_MAX']) {
    const data = values.get(name);
    const most = Math.floor(((body - JSON_AROUND_DATA_BYTES) * 3) / 4);
    if (typeof data === 'number' && data > most) {
      problems.push(
        `${name} is ${data} bytes, expected at most ${most}: in base64 it has to fit into HTTP_BODY_BYTES_MAX (${body} bytes)`,
      );
    }
  }
  return problems;
}
