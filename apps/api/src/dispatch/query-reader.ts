import { QUERY_PARAMETERS_MAX } from '../../../../libs/protocol/limits.js';
import type { Route } from './route.js';

const REMEMBERED_PER_ROUTE_MAX = 256;
const REMEMBERED_LENGTH_MAX = 64;

/**
 * Query strings to what the route's schema makes of them. Clients send the same few again and again, so answers are
 * remembered; they are shared and must not be changed.
 */
export class QueryReader {
  private readonly known = new Map<Route, Map<string, unknown>>();

  /** Undefined for a route without query. Throws ZodError. */
  read(route: Route, rawQuery: string): unknown {
    if (!route.query) return undefined;
    let known = this.known.get(route);
    if (!known) this.known.set(route, (known = new Map()));
    const remembered = known.get(rawQuery);
    if (remembered !== undefined) return remembered;
    const query = Object.freeze(route.query.parse(parametersOf(rawQuery)));
    if (rawQuery.length > REMEMBERED_LENGTH_MAX) return query;
    // Somebody who sends ever new ones makes it as slow as it would be without.
    if (known.size >= REMEMBERED_PER_ROUTE_MAX) known.clear();
    known.set(rawQuery, query);
    return query;
  }
}

/**
 * First values: of a repeated parameter the first counts. Node's reader takes time that grows with the square of
 * their number, so only so many are looked at.
 */
function parametersOf(rawQuery: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  if (rawQuery === '') return query;
  const counted = rawQuery.split('&', QUERY_PARAMETERS_MAX).join('&');
  for (const [name, value] of new URLSearchParams(counted)) query[name] ??= value;
  return query;
}
