import { Command, Option } from 'commander';
import {
  DAYS_KEPT_DAYS,
  HOURS_KEPT_DAYS,
  StatisticsService,
  type SeriesAnswer,
  type SeriesName,
  type Step,
} from '../../../libs/community/statistics/statistics.service.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { parseCount } from './option-values.js';
import { counted } from '../../../libs/protocol/counted.js';
import { formatBytes, formatTime, printJson, printLine, printTable, type Cell } from './output.js';
import { knownToken } from './room.command.js';
import { sparkline } from './text-chart.js';
import { isoTime } from '../../../libs/protocol/clock.js';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;
const DAYS_DEFAULT = 14;

interface StatsOptions {
  room?: string;
  days: number;
  by: Step;
  json?: true;
}

export function statsCommand(): Command {
  return new Command('stats')
    .description('how the community is used: active users, posts, polls, files, moderation')
    .option('--room <token>', 'only in this room')
    .option('--days <n>', 'how many days back', parseCount(1, DAYS_KEPT_DAYS), DAYS_DEFAULT)
    .addOption(new Option('--by <step>', 'a line for each').choices(['day', 'hour']).default('day'))
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nHours are kept for ${HOURS_KEPT_DAYS} days, days for ${DAYS_KEPT_DAYS}; both are UTC. A poll is a look for new messages that` +
        '\nfound none. Nothing in here is about a person.' +
        '\n\nExamples:\n  plaza stats\n  plaza stats --room fish --days 2 --by hour\n  plaza stats --days 90 --json',
    )
    .action((options: StatsOptions) => withInstallation((at) => showStatistics(at, options)));
}

async function showStatistics({ get }: Installation, { room, days, by, json }: StatsOptions): Promise<void> {
  if (by === 'hour' && days > HOURS_KEPT_DAYS)
    throw new CommandError(`Hours are kept for ${HOURS_KEPT_DAYS} days.`);
  const stepSeconds = by === 'hour' ? HOUR_SECONDS : DAY_SECONDS;
  // The last of them is the one that is not over yet.
  const to = Date.now() / 1000;
  const answer = await get(StatisticsService).series({
    room: room === undefined ? undefined : knownToken(room),
    step: by,
    from: to - days * DAY_SECONDS + stepSeconds,
    to,
  });
  if (json) return printJson({ ...answer, from: isoTime(answer.from) });
  printLine(`${room === undefined ? 'The whole server' : `Room "${room}"`}, ${counted(days, 'day')} (UTC)\n`);
  printCharts(answer);
  printLine('');
  printPeriods(answer, stepSeconds);
}

const SHOWN: readonly { name: SeriesName; title: string; text?: (value: number) => string }[] = [
  { name: 'activeUsers', title: 'active users' },
  { name: 'posts', title: 'posts' },
  { name: 'polls', title: 'polls' },
  { name: 'files', title: 'files' },
  { name: 'fileBytes', title: 'file size', text: formatBytes },
  { name: 'moderation', title: 'moderation' },
];

function printCharts({ series }: SeriesAnswer): void {
  const width = Math.max(...SHOWN.map(({ title }) => title.length));
  for (const { name, title, text = String } of SHOWN) {
    const values = series[name]!;
    printLine(`${title.padEnd(width)}  ${sparkline(values)}  at most ${text(Math.max(...values))}`);
  }
}

/** Those in which something happened. */
function printPeriods({ from, step, series, moderation = {} }: SeriesAnswer, stepSeconds: number): void {
  const rows: Cell[][] = [];
  for (let at = 0; at < series.posts!.length; at++) {
    const values = SHOWN.map(({ name }) => series[name]![at]!);
    if (values.every((value) => value === 0)) continue;
    const time = formatTime(from + at * stepSeconds);
    const kinds = Object.entries(moderation).filter(([, counts]) => counts[at]! > 0);
    rows.push([
      step === 'day' ? time.slice(0, 10) : time,
      ...SHOWN.map(({ text = String }, column) => text(values[column]!)),
      kinds.map(([kind, counts]) => `${kind}=${counts[at]}`).join(' '),
    ]);
  }
  printTable([step, ...SHOWN.map(({ title }) => title), 'actions'], rows, 'Nothing has happened yet.');
}
