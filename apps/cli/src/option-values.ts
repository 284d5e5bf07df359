import { InvalidArgumentError } from 'commander';
import { duration } from '../../../libs/config/setting-kinds.js';
import { parseSessionId, type SessionId } from '../../../libs/protocol/ids.js';
import { CommandUsageError } from './command-error.js';

const LONGEST_SECONDS = 36_500 * 86_400;
const span = duration({ min: 0, max: LONGEST_SECONDS });

/** For commander: a time as Unix seconds, from `30m`, `12h`, `2d` ago or an ISO date. */
export const parseTime = (text: string): number => timeOf(text, { direction: -1, name: 'ago' });

function timeOf(text: string, { direction, name }: { direction: 1 | -1; name: string }): number {
  const seconds = span.parse(text.trim(), { cwd: '' });
  if (seconds !== undefined) return Date.now() / 1000 + direction * seconds;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError(`Write 30m, 12h, 2d (${name}), or a date such as 2026-11-24T10:00Z.`);
  return time / 1000;
}

/** For commander: a time to come as Unix seconds, from `30m`, `12h`, `90d` from now or an ISO date. */
export function parseDeadline(text: string): number {
  const now = Date.now() / 1000;
  const time = timeOf(text, { direction: 1, name: 'from now' });
  if (time > now) return time;
  throw new InvalidArgumentError('This is no time to come.');
}

/** For commander: a whole number within bounds. */
export const parseCount =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };

/** Throws CommandUsageError for what is no id of a person. */
export function knownSessionId(text: string): SessionId {
  const sessionId = parseSessionId(text);
  if (!sessionId)
    throw new CommandUsageError(`"${text}" is not a Session ID: 66 hex digits that begin with 05 or 15.`);
  return sessionId;
}
