import { DEFAULT_ABUSE_LIMITS, type AbuseLimits } from '../protocol/abuse-limits.js';
import { limitSettings, type LimitSetting } from './limit-setting-makers.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;
const DAY = 86_400;
/** Events in a window are counted no further (libs/coordination/event-windows.ts). */
const NEWCOMERS_MAX = 1000;

const WINDOW = { min: 1, max: DAY };
const { count, bytes, time } = limitSettings(DEFAULT_ABUSE_LIMITS);

/** Every member of {@link AbuseLimits}, named like those of limit-settings.ts; docs/limits.md tells more. */
export const ABUSE_SETTINGS: Readonly<Record<keyof AbuseLimits, LimitSetting>> = {
  requestsInFlightMax: count('requestsInFlightMax', { min: 10, max: 100_000 }, 'Requests at a time'),
  bytesInFlightMax: bytes(
    'bytesInFlightMax',
    { min: 16 * MIB, max: 64 * GIB },
    'Large bodies and answers in memory at a time',
  ),
  connectionsMax: count('connectionsMax', { min: 10, max: 1_000_000 }, 'Connections at a time'),
  onionFailuresPerSecondMax: count(
    'onionFailuresPerSecondMax',
    { min: 0, max: 1_000_000 },
    'Onion requests that cannot be opened, per second (0: no limit)',
  ),
  noncesMax: count(
    'noncesMax',
    { min: 100_000, max: 400_000_000 },
    'Nonces remembered, here or in Redis, up to 32 bytes of memory each',
  ),
  batchAnswerBytesMax: bytes(
    'batchAnswerBytesMax',
    { min: MIB, max: GIB },
    'What the parts of a batch answer together',
  ),
  userCostPerSecondMax: count(
    'userCostPerSecondMax',
    { min: 0, max: 1_000_000 },
    'Cost of a user per second, a read being 1, a write 5 and 1 more for each KiB, an upload 20 (0: no limit)',
  ),
  userCostBurstMax: count(
    'userCostBurstMax',
    { min: 1, max: 100_000_000 },
    'Cost of a user at once, after a while without any',
  ),
  roomPostsPerSecondMax: count(
    'roomPostsPerSecondMax',
    { min: 0, max: 100_000 },
    'Posts and edits in a room per second, 4 KiB each, a hundred times as many at once (0: no limit)',
  ),
  serverPostsPerSecondMax: count(
    'serverPostsPerSecondMax',
    { min: 0, max: 100_000 },
    'The same for all rooms and direct messages together (0: no limit)',
  ),
  uploadsWindowSeconds: time('uploadsWindowSeconds', WINDOW, 'Time for which the limits of uploads hold'),
  userUploadsMax: uploads('userUploadsMax', 'Uploads of a user in a room'),
  userUploadBytesMax: quota('userUploadBytesMax', 'Their size together'),
  roomUploadsMax: uploads('roomUploadsMax', 'Uploads in a room'),
  roomUploadBytesMax: quota('roomUploadBytesMax', 'Their size together'),
  serverUploadsMax: uploads('serverUploadsMax', 'Uploads on the server'),
  serverUploadBytesMax: quota('serverUploadBytesMax', 'Their size together'),
  newcomersWindowSeconds: time(
    'newcomersWindowSeconds',
    WINDOW,
    'Time for which the limits of newcomers hold',
  ),
  roomNewcomersMax: count(
    'roomNewcomersMax',
    { min: 0, max: NEWCOMERS_MAX },
    'Newcomers who begin to write in a room (0: no limit)',
  ),
  serverNewcomersMax: count(
    'serverNewcomersMax',
    { min: 0, max: NEWCOMERS_MAX },
    'People who come to the server for the first time (0: no limit)',
  ),
};

function uploads(limit: keyof AbuseLimits, description: string): LimitSetting {
  return count(limit, { min: 0, max: 100_000_000 }, `${description} (0: no limit)`);
}

function quota(limit: keyof AbuseLimits, description: string): LimitSetting {
  return bytes(limit, { min: 0, max: 100 * TIB }, `${description} (0: no limit)`);
}
