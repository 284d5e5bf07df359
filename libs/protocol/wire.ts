import { badRequest, type WireError } from './errors.js';

/** A request as the protocol sees it, whichever way it came: HTTP, onion, or a part of a batch. */
export interface WireRequest {
  /** Upper-case as a rule; compared case-sensitively. */
  method: string;
  /** Percent-decoded UTF-8 path, starts with `/`, without the query. This is what is signed. */
  path: string;
  /** Everything after the first `?`, exactly as sent; empty without a query. */
  rawQuery: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Raw bytes, empty when there is no body. */
  body: Buffer;
}

/** An answer before it is written to a socket, a batch or an onion. */
export interface WireResponse {
  status: number;
  /** Names in lower case; never `content-length`, which each carrier sets itself. */
  headers: Record<string, string>;
  body: Buffer;
}

/** Compared exactly by clients (clients.md, "Transport"): no charset on JSON, this one on text. */
export const CONTENT_TYPE_JSON = 'application/json';
export const CONTENT_TYPE_TEXT = 'text/plain; charset=utf-8';
export const CONTENT_TYPE_BYTES = 'application/octet-stream';

export const EMPTY_BODY = Buffer.alloc(0);

export function jsonResponse(value: unknown, status = 200): WireResponse {
  return {
    status,
    headers: { 'content-type': CONTENT_TYPE_JSON },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** `json`: a JSON text, as UTF-8. */
export const readyJsonResponse = (json: Buffer): WireResponse => ({
  status: 200,
  headers: { 'content-type': CONTENT_TYPE_JSON },
  body: json,
});

export function textResponse(status: number, text: string): WireResponse {
  return { status, headers: { 'content-type': CONTENT_TYPE_TEXT }, body: Buffer.from(text) };
}

/** The answer that a refusal stands for. */
export function errorResponse({ status, text, headers }: WireError): WireResponse {
  const response = textResponse(status, text);
  return { ...response, headers: { ...response.headers, ...headers } };
}

/**
 * Splits a request target (`/path?query`) and decodes the path.
 * Throws the protocol's 400 for a target without a leading slash or with broken percent-encoding.
 */
export function parseTarget(target: string): { path: string; rawQuery: string } {
  if (!target.startsWith('/')) throw badRequest('The path must start with /');
  const queryAt = target.indexOf('?');
  const rawPath = queryAt < 0 ? target : target.slice(0, queryAt);
  const rawQuery = queryAt < 0 ? '' : target.slice(queryAt + 1);
  return { path: decodePath(rawPath), rawQuery };
}

/**
 * What stands for an HTTP header block in carriers that have none: bytes of the target, and of names and values of
 * the headers. It has the bound of a real one (protocol.md §14), since what reads them is made for that.
 */
export function headerBlockBytes(
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
): number {
  let bytes = Buffer.byteLength(target);
  for (const [name, value] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value ?? '');
  return bytes;
}

function decodePath(rawPath: string): string {
  if (!rawPath.includes('%')) return rawPath;
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw badRequest('The path is not valid percent-encoded UTF-8');
  }
}
