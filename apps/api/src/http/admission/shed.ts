import type { ServerResponse } from 'node:http';
import { Tally } from '../../../../../libs/metrics/tally.js';
import { CONTENT_TYPE_TEXT } from '../../../../../libs/protocol/wire.js';

export type ShedReason =
  /** Too many requests are under way. */
  | 'requests'
  /** Too many bytes of large bodies and answers are in memory. */
  | 'bytes'
  /** Too many onions could not be opened, and this one comes from somebody of whom nothing is known. */
  | 'onions'
  /** Who is slow to send or to take what others need the room for. */
  | 'slow'
  /** More requests over one connection than are answered, without waiting. */
  | 'pipelined'
  /** Too many connections are open. */
  | 'connections';

export const SHED = new Tally(
  'plaza_shed_total',
  'Requests and connections that were turned away to keep the server going, by reason',
  ['reason'],
);

const RETRY_AFTER_SECONDS = '2';
const TEXT = 'Service Unavailable';

/**
 * The cheapest answer there is, before Fastify: nothing of the body was read. A body that is `large` is not read for
 * politeness either, so the connection ends.
 */
export function refuseBusy(response: ServerResponse, isLarge: boolean): void {
  if (isLarge) response.shouldKeepAlive = false;
  response
    .writeHead(503, {
      'Content-Type': CONTENT_TYPE_TEXT,
      'Content-Length': TEXT.length,
      'Retry-After': RETRY_AFTER_SECONDS,
    })
    .end(TEXT);
}
