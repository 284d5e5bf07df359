/** A refusal that the protocol knows: its status and text go to the client as they are. Anything else is a bug. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    /** The whole body of the answer, sent as `text/plain; charset=utf-8`. */
    readonly text: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status} ${text}`);
    this.name = 'WireError';
  }
}

export const badRequest = (text: string): WireError => new WireError(400, text);
export const unauthorized = (): WireError => new WireError(401, 'X-SOGS-* request authentication required');
export const blindedRequired = (): WireError =>
  new WireError(401, 'This endpoint requires blinded pubkeys be used');
export const forbidden = (text = 'Forbidden'): WireError => new WireError(403, text);
export const timestampTooFar = (): WireError =>
  new WireError(425, 'Invalid authentication: X-SOGS-Timestamp is too far from current time');
export const notFound = (text = 'Not Found'): WireError => new WireError(404, text);
export const methodNotAllowed = (allowed: readonly string[]): WireError =>
  new WireError(405, 'Method Not Allowed', { allow: allowed.join(', ') });
export const notAcceptable = (text: string): WireError => new WireError(406, text);
export const payloadTooLarge = (): WireError => new WireError(413, 'Payload Too Large');
export const headersTooLarge = (): WireError => new WireError(431, 'Request Header Fields Too Large');
/** `waitSeconds`: after which it is worth trying again, where that is known. */
export const rateLimited = (waitSeconds?: number): WireError =>
  new WireError(
    429,
    'Rate limited',
    waitSeconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(waitSeconds))) },
  );
/** By a filter that is not silent (protocol.md §4.2); `type`: which. */
export const filterRejected = (type: string): WireError =>
  new WireError(429, `filtration rejected message (${type})`);
/** A database or Redis that starts again is back by then. */
const RETRY_AFTER_SECONDS = 5;

export const unavailable = (retryAfterSeconds = RETRY_AFTER_SECONDS): WireError =>
  new WireError(503, 'Service Unavailable', { 'retry-after': String(retryAfterSeconds) });
