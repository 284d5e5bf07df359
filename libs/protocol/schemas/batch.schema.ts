import { z } from 'zod';
import { decodeBase64 } from '../encodings.js';

const part = z.object({
  method: z.enum(['GET', 'PUT', 'POST', 'DELETE']).describe('Upper case'),
  path: z.string().startsWith('/').describe('Path with query, percent-encoded as on the wire'),
  headers: z.record(z.string(), z.string()).nullish().describe('X-SOGS headers in here are ignored'),
  json: z.unknown().optional().describe('Body as JSON'),
  b64: z.string().optional().describe('Body as base64'),
  bytes: z.string().optional().describe('Body as text, sent as UTF-8'),
});

/** A part with its body in bytes; empty for GET and DELETE. */
export interface BatchPart {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

const BODY_KINDS = ['json', 'b64', 'bytes'] as const;

/** One part of POST /batch and POST /sequence (protocol.md §9): exactly one body kind for PUT and POST, else none. */
export const batchPart = part.transform((value, context): BatchPart => {
  const kinds = BODY_KINDS.filter((kind) => value[kind] !== undefined);
  const needsBody = value.method === 'PUT' || value.method === 'POST';
  const body = bodyOf(value, kinds[0]);
  if (kinds.length === (needsBody ? 1 : 0) && body)
    return { method: value.method, path: value.path, headers: lowerCaseNames(value.headers ?? {}), body };
  const message = !body
    ? 'b64 must be base64'
    : needsBody
      ? `a ${value.method} needs exactly one of json, b64 and bytes`
      : `a ${value.method} has no body`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const lowerCaseNames = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function bodyOf(
  value: z.infer<typeof part>,
  kind: (typeof BODY_KINDS)[number] | undefined,
): Buffer | undefined {
  // `json: null` counts as a body, and as an empty one.
  if (kind === 'json') return Buffer.from(value.json === null ? '' : JSON.stringify(value.json));
  if (kind === 'b64') return decodeBase64(value.b64!);
  return Buffer.from(kind === 'bytes' ? value.bytes! : '');
}

export const batchParts = (partsMax: number) => z.array(batchPart).max(partsMax, `at most ${partsMax} parts`);

export const batchResponse = z.array(
  z
    .object({
      code: z.number().int().describe('Status of this part'),
      headers: z.record(z.string(), z.string()).describe('Names in lower case, without content-length'),
      body: z.unknown().describe('JSON if the part answered application/json, else base64 text'),
    })
    .meta({ id: 'BatchPartResponse' }),
);
