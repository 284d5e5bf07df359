import { Tally } from '../metrics/tally.js';
import { rateLimited, type WireError } from '../protocol/errors.js';

export type LimitName =
  | 'user cost'
  | 'room posts'
  | 'server posts'
  | 'user uploads'
  | 'room uploads'
  | 'server uploads'
  | 'room newcomers'
  | 'server newcomers';

const LIMITED = new Tally('plaza_limited_total', 'Requests refused with 429, by the limit that was reached', [
  'limit',
]);

/** The 429 for who, or all together, did too much; counted. `waitSeconds`: after which it is worth trying again. */
export function beyondLimit(limit: LimitName, waitSeconds: number): WireError {
  LIMITED.add(limit);
  return rateLimited(waitSeconds);
}
