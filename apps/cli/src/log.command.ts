import { Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { ModerationLogService, type LogRecord } from '../../../libs/community/moderation-log.service.js';
import { ACTION_ORIGINS, type ActionOrigin } from '../../../libs/storage/moderation-log.repository.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId, parseCount, parseTime } from './option-values.js';
import { formatTime, printJson, printLine, printTable, textOf } from './output.js';
import { isoTime } from '../../../libs/protocol/clock.js';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 10_000;
const FOLLOW_EVERY_MS = 1_000;

interface LogOptions {
  room?: string;
  actor?: string;
  target?: string;
  action?: string;
  via?: ActionOrigin;
  since?: number;
  until?: number;
  before?: number;
  limit: number;
  follow?: true;
  json?: true;
}

export function logCommand(): Command {
  return new Command('log')
    .description('what moderators, filters, the worker and you did: who, whom, where, why, when')
    .option('--room <token>', 'only in this room, also one that is gone')
    .option('--actor <session-id>', 'only done by this person')
    .option('--target <session-id>', 'only done to this person')
    .option('--action <name>', 'only this, such as message.delete, or message for all that begin so')
    .addOption(new Option('--via <way>', 'only what came this way').choices(ACTION_ORIGINS))
    .option('--since <time>', 'not before: 30m, 12h, 2d ago, or a date', parseTime)
    .option('--until <time>', 'only before', parseTime)
    .option(
      '--before <id>',
      'only entries below this id: the next page',
      parseCount(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--limit <n>', `entries at most, the newest`, parseCount(1, LIMIT_MAX), LIMIT_DEFAULT)
    .addOption(new Option('--follow', 'go on with what is new, until Ctrl-C').conflicts(['until', 'before']))
    .option('--json', 'for programs; with --follow one document a line')
    .addHelpText(
      'after',
      '\nEntries are kept for MODERATION_LOG_LIFETIME (90 days).\n' +
        '\nExamples:\n  plaza log --room fish --since 2d\n  plaza log --via filter --follow\n  plaza log --target 05… --action ban --json',
    )
    .action((options: LogOptions) => withInstallation((at) => showLog(at, options)));
}

async function showLog({ get }: Installation, options: LogOptions): Promise<void> {
  const log = get(ModerationLogService);
  const { actor, target, before, follow, json, ...rest } = options;
  const query = {
    ...rest,
    actor: actor === undefined ? undefined : knownSessionId(actor),
    target: target === undefined ? undefined : knownSessionId(target),
    beforeId: before,
  };
  const entries = await log.list(query);
  if (!follow) return json ? printJson(entries.map(entryObject)) : printEntries(entries);
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  let last = 0;
  for (let fresh = entries; !stopped.signal.aborted && !process.stdout.destroyed;) {
    for (const entry of fresh.toReversed())
      printLine(json ? JSON.stringify(entryObject(entry)) : rowOf(entry).map(textOf).join('  '));
    last = fresh[0]?.id ?? last;
    await delay(FOLLOW_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    if (!stopped.signal.aborted) fresh = await log.list({ ...query, afterId: last, limit: LIMIT_MAX });
  }
}

/** Oldest first, as logs are read. */
function printEntries(entries: readonly LogRecord[]): void {
  const columns = ['id', 'when (UTC)', 'who', 'what', 'whom', 'where', 'message', 'details'];
  printTable(columns, entries.toReversed().map(rowOf), 'There is no such entry.');
}

const rowOf = (entry: LogRecord) => [
  entry.id,
  formatTime(entry.at),
  whoOf(entry),
  entry.action,
  entry.target ?? '-',
  entry.room ?? '(whole server)',
  entry.messageId ?? '-',
  Object.entries(entry.detail)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' '),
];

/** People by their id, tokens by their name; the server by the way in which it came to act. */
function whoOf({ actor, via, detail }: LogRecord): string {
  if (via !== 'protocol' && via !== 'admin-api') return via;
  return typeof detail['token'] === 'string' ? detail['token'] : (actor ?? 'somebody who is gone');
}

const entryObject = ({ at, ...entry }: LogRecord) => ({
  ...entry,
  at,
  time: isoTime(at),
});
