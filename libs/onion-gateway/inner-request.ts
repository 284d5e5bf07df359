import { badRequest } from '../protocol/errors.js';
import { headerBlockBytes, parseTarget, type WireRequest, type WireResponse } from '../protocol/wire.js';

/** How one version of onion requests writes the request and the answer inside the encryption. */
export interface OnionVersion {
  /** Throws WireError for a bad inner form; the answer to that is encrypted like any other. */
  readRequest(plaintext: Buffer, limits: InnerLimits): WireRequest;
  /** The answer to a request that {@link readRequest} refused with `status`. */
  refusal(status: number): WireResponse;
  /** The bytes to encrypt. */
  writeResponse(response: WireResponse): Buffer;
  /** Encrypted bytes as they go into the HTTP body. */
  toHttpBody(box: Buffer): Buffer;
}

export interface InnerLimits {
  jsonDepthMax: number;
  /** Method, endpoint and headers stand for an HTTP header block and have its bound. */
  httpHeaderBytesMax: number;
}

/** A JSON object; not an array, null or anything simpler. */
export const asJsonObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/**
 * What v3 and v4 have in common, `{endpoint, method, headers?}`, and the body given. Throws a 400 WireError for
 * wrong types, an empty method, an endpoint without leading slash or with broken percent-encoding, and for more of
 * them than a header block may hold.
 */
export function innerRequest(
  json: Record<string, unknown>,
  body: Buffer,
  { httpHeaderBytesMax }: InnerLimits,
): WireRequest {
  const { endpoint, method } = json;
  if (typeof endpoint !== 'string') throw badRequest('endpoint must be a string');
  if (typeof method !== 'string' || method === '') throw badRequest('method must be a string');
  const headers = innerHeaders(json['headers']);
  if (headerBlockBytes(method + endpoint, headers) > httpHeaderBytesMax)
    throw badRequest('endpoint and headers are too long');
  return { method, ...parseTarget(endpoint), headers, body };
}

/**
 * Names in lower case, whatever the client wrote. Two names that differ only in case are refused, for which one
 * counts would be anybody's guess. No prototype: a header `constructor` or `__proto__` is a header and no more.
 */
function innerHeaders(value: unknown): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  if (value === undefined || value === null) return headers;
  const given = asJsonObject(value);
  if (!given) throw badRequest('headers must be an object');
  for (const [name, text] of Object.entries(given)) {
    const lowerCase = name.toLowerCase();
    if (typeof text !== 'string') throw badRequest('header values must be strings');
    if (lowerCase in headers) throw badRequest('a header is given twice');
    headers[lowerCase] = text;
  }
  return headers;
}
