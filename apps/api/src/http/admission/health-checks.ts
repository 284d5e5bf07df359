import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeldBytes } from '../../held-bytes.js';
import { Flights } from './flights.js';

/** At a time, of each; none takes longer than it takes to notice that the database is silent. */
const UNDER_WAY_MAX = 16;
const TARGETS = ['/health/live', '/health/ready'];

/**
 * Whether the server lives and is ready is answered when there is no place for other requests, too. Only to exactly
 * that question, which has no body, and only to a few at a time: anything else would be a way in for everybody.
 */
export class HealthChecks {
  private readonly flights = new Map(
    TARGETS.map((target) => [target, new Flights(UNDER_WAY_MAX, new HeldBytes(0))]),
  );

  /** False when it is another request, or when there are too many of these as well. */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '', headers } = request;
    if ((method !== 'GET' && method !== 'HEAD') || hasBody(headers)) return false;
    const flights = this.flights.get(url);
    return flights !== undefined && typeof flights.begin(request, response, 0) !== 'string';
  }

  close(): void {
    for (const flights of this.flights.values()) flights.close();
  }
}

const hasBody = (headers: IncomingMessage['headers']): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
