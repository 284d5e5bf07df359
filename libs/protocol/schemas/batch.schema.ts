import { z } from 'zod';
import { decodeBase64 } from '../encodings.js';
import { EMPTY_BODY } from '../wire.js';

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

const NO_HEADERS: Record<string, string> = {};

/**
 * The same for lists in which every part is a plain GET, as polls are: zod takes longer over them than everything
 * else that is done for them. Undefined for any other list, which {@link batchParts} has to judge.
 */
export function ordinaryBatchParts(json: unknown, partsMax: number): BatchPart[] | undefined {
  if (!Array.isArray(json) || json.length > partsMax) return undefined;
  const parts: BatchPart[] = [];
  for (const part of json as unknown[]) {
    if (typeof part !== 'object' || part === null) return undefined;
    const { method, path, headers, json: value, b64, bytes } = part as Record<string, unknown>;
    if (method !== 'GET' || typeof path !== 'string' || !path.startsWith('/')) return undefined;
    if (value !== undefined || b64 !== undefined || bytes !== undefined) return undefined;
    const given = ordinaryHeaders(headers);
    if (!given) return undefined;
    parts.push({ method, path, headers: given, body: EMPTY_BODY });
  }
  return parts;
}

function ordinaryHeaders(headers: unknown): Record<string, string> | undefined {
  if (headers === undefined || headers === null) return NO_HEADERS;
  if (typeof headers !== 'object' || Array.isArray(headers)) return undefined;
  const areTexts = Object.values(headers).every((value) => typeof value === 'string');
  return areTexts && !Object.hasOwn(headers, '__proto__')
    ? lowerCaseNames(headers as Record<string, string>)
    : undefined;
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
