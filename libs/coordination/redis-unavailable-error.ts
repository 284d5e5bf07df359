import { UnavailableError } from '../protocol/unavailable-error.js';

/** Redis cannot be reached, is loading, full or no longer the primary: try again later. */
export class RedisUnavailableError extends UnavailableError {
  constructor(cause?: unknown) {
    super('Redis is not available', { cause });
    this.name = 'RedisUnavailableError';
  }
}

/** What Redis says when it is there but cannot do it now; inside a script it comes after a dash. */
const NOT_NOW =
  /(?:^|-)(?:LOADING|READONLY|OOM|MISCONF|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|NOPERM)\b/;

/** Turns what a command fails with into {@link RedisUnavailableError}, except Redis's complaint about the command itself. */
export function toRedisError(error: unknown): unknown {
  if (error instanceof RedisUnavailableError || !(error instanceof Error)) return error;
  return error.name !== 'ReplyError' || NOT_NOW.test(error.message)
    ? new RedisUnavailableError(error)
    : error;
}
