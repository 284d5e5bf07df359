import { Config } from '../../../../libs/config/config.js';
import { loadConfig } from '../../../../libs/config/load-config.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import { route } from './route.js';
import { UserCosts } from './user-costs.js';

const KIB = 1024;
const USER = { id: 1, sessionId: '15' as SessionId, banned: false, moderator: false, admin: false };
const env = { USER_COST_PER_SECOND_MAX: '1', USER_COST_BURST_MAX: '100' };
const rest = {
  path: '/x',
  summary: '',
  auth: 'user',
  response: 'bytes',
  handle: () => Promise.reject(),
} as const;
const [get, put] = [route({ ...rest, method: 'GET' }), route({ ...rest, method: 'PUT' })];
const upload = route({ ...rest, method: 'POST', cost: 20 });

/** How often it may be done at once. */
function times(one: typeof get | undefined, bodyBytes: number): number {
  const costs = new UserCosts(new Config(loadConfig({ env, cwd: '/' }).config));
  for (let done = 0; ; done++) {
    try {
      costs.billFor(one, bodyBytes).pay(USER);
    } catch {
      return done;
    }
  }
}

it.each([
  ['a read', get, 0, 100],
  ['a read, whatever it brings', get, 500 * KIB, 100],
  ['what there is no route for', undefined, 500 * KIB, 100],
  ['a short write', put, KIB - 1, 20],
  ['a write of 5 KiB', put, 5 * KIB, 10],
  ['a write of the largest size', put, 350 * KIB, 1],
  ['what has a cost of its own', upload, 500 * KIB, 5],
])('%s', (_, one, bytes, expected) => expect(times(one, bytes)).toBe(expected));
