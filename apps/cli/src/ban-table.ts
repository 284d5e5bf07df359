import type { Command } from 'commander';
import {
  BanListService,
  type BanKind,
  type BanRecord,
} from '../../../libs/community/admin/ban-list.service.js';
import type { Installation } from './installation.js';
import { parseCount } from './option-values.js';
import { firstOf, formatTime, printJson, printTable } from './output.js';
import { operatorAccesses } from './scope-options.js';
import { isoTime } from '../../../libs/protocol/clock.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 200_000;

export interface BanListOptions {
  room?: string[];
  prefix?: string;
  limit: number;
  json?: true;
}

export const banListOptions = (command: Command): Command =>
  command
    .option('--room <tokens...>', 'only in these rooms')
    .option('--prefix <id>', 'only of people whose id begins so')
    .option('--limit <n>', 'at most', parseCount(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option('--json', 'for programs');

/** Who is banned or muted, newest first. */
export async function showBans(
  at: Installation,
  kind: BanKind,
  { room, prefix, limit, json }: BanListOptions,
): Promise<void> {
  const accesses = room && (await operatorAccesses(at, room));
  const found = await at.get(BanListService).list({
    kind,
    roomIds: accesses?.map((access) => access.room.id),
    withServer: !accesses,
    prefix: prefix?.toLowerCase(),
    limit: limit + 1,
  });
  const bans = firstOf(found, limit);
  if (json) return printJson(bans.map(banObject));
  printTable(
    ['session id', 'where', 'until (UTC)', 'since (UTC)', 'by', 'reason'],
    bans.map((ban) => [
      ban.sessionId,
      ban.room ?? '(whole server)',
      ban.until === null ? 'for ever' : formatTime(ban.until),
      ban.at > 0 ? formatTime(ban.at) : null,
      byOf(ban),
      ban.reason,
    ]),
    kind === 'ban' ? 'Nobody is banned.' : 'Nobody is muted.',
  );
}

/** People and tokens by their names; the server by the way in which it came to act. */
const byOf = ({ by, token, via }: BanRecord): string | null =>
  via === 'protocol' || via === 'admin-api' ? (token ?? by) : via;

const banObject = (ban: BanRecord) => ({
  sessionId: ban.sessionId,
  room: ban.room,
  until: ban.until === null ? null : isoTime(ban.until),
  since: ban.at > 0 ? isoTime(ban.at) : null,
  by: byOf(ban),
  reason: ban.reason,
});
