import type { FilesLocation } from './files-url.js';

/** What a message or direct message takes in a JSON body besides its base64: names, signature, file ids. */
const JSON_AROUND_DATA_BYTES = 4096;

/** Settings that are fine alone but not together. A setting that did not parse has its own problem already. */
export function findContradictions(values: ReadonlyMap<string, unknown>): string[] {
  return [...sizeContradictions(values), ...credentialContradictions(values)];
}

/** Half a pair would be passed over in silence, for whatever Amazon's defaults find. */
function credentialContradictions(values: ReadonlyMap<string, unknown>): string[] {
  const files = values.get('FILES_URL') as FilesLocation | undefined;
  if (files?.kind !== 's3') return [];
  const pair = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const missing = pair.filter((name) => values.has(name) && values.get(name) === undefined);
  return missing.length === 1 ? [`${missing[0]} is not set, but its counterpart is: set both or none`] : [];
}

function sizeContradictions(values: ReadonlyMap<string, unknown>): string[] {
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
