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
export const notFound = (text = 'Not Found'): WireError => new WireError(404, text);
export const methodNotAllowed = (allowed: readonly string[]): WireError =>
  new WireError(405, 'Method Not Allowed', { allow: allowed.join(', ') });
export const notAcceptable = (text: string): WireError => new WireError(406, text);
export const payloadTooLarge = (): WireError => new WireError(413, 'Payload Too Large');
export const rateLimited = (): WireError => new WireError(429, 'Rate limited');
/** By a filter that is not silent (protocol.md §4.2); `type`: which. */
export const filterRejected = (type: string): WireError =>
  new WireError(429, `filtration rejected message (${type})`);
export const unavailable = (retryAfterSeconds: number): WireError =>
  new WireError(503, 'Service Unavailable', { 'retry-after': String(retryAfterSeconds) });
