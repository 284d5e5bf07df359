import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ModerationRulesService } from '../../../libs/community/moderation-rules.service.js';
import { joined } from '../../../libs/community/transfer/sogs/ini/ini-filters.js';
import type { CarriedSetting, LeftBehind } from '../../../libs/community/transfer/sogs/ini/ini-settings.js';
import type { SogsIni } from '../../../libs/community/transfer/sogs/ini/sogs-ini.js';
import { setValues } from '../../../libs/config/set-values.js';
import { SETTINGS } from '../../../libs/config/settings.js';
import { problemsWith } from '../../../libs/config/tried-settings.js';
import {
  FilterRulesError,
  parseRoomRules,
  parseServerRules,
  type FilterRules,
} from '../../../libs/moderation/filter-rules.js';
import { isoTime, systemClock } from '../../../libs/protocol/clock.js';
import { WireError } from '../../../libs/protocol/errors.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { printLine } from './output.js';
import { knownToken } from './room.command.js';

/** What became of a `sogs.ini`. */
export interface CarriedOver {
  /** Now in `.env`. */
  settings: CarriedSetting[];
  /** Who got filter rules: `the server`, `room fish`. */
  filters: string[];
  left: LeftBehind[];
}

export interface CarryOptions {
  /** Its path, to tell where settings are from. */
  iniFile: string;
  /** Only look what would become of it. */
  dryRun: boolean;
  /** Rooms that were added to a community that has settings of its own, which stay. */
  mergedRooms?: readonly string[];
}

const ENV_FILE = '.env';
const OWNER_ONLY = 0o600;
const STAYS = 'This installation has settings of its own, which stay.';

/** Carries settings over into `.env` and filters into the database. What is set here already stays. */
export async function carryOver(ini: SogsIni, options: CarryOptions): Promise<CarriedOver> {
  const { mergedRooms, dryRun } = options;
  const report: CarriedOver = { settings: [], filters: [], left: [...ini.left] };
  if (mergedRooms) report.left.push(...ini.settings.map(({ from }) => ({ from, why: STAYS })));
  else report.settings = usable(ini.settings, report.left);
  const rules = valid(mergedRooms ? ofEachRoom(ini, mergedRooms) : ofServerAndRooms(ini), report.left);
  if (dryRun) report.filters = rules.map(({ room }) => ownerOf(room));
  else {
    if (rules.length > 0) await withInstallation((at) => setFilters(at, rules, report), { mayBegin: true });
    await writeSettings(report, options.iniFile);
  }
  return report;
}

/** For people. */
export function printCarriedOver({ settings, filters, left }: CarriedOver, dryRun: boolean): void {
  const would = dryRun ? 'would be ' : '';
  for (const { name, value, from } of settings)
    printLine(`  ${name}=${value} ${would}written to ${ENV_FILE} (${from})`);
  for (const owner of filters) printLine(`  filter rules of ${owner} ${would}set: plaza filter show`);
  for (const { from, why } of left) printLine(`  ${from} not carried over: ${why}`);
}

/** Those that say something else than the default, are not set already, and are valid together with what is. */
function usable(settings: readonly CarriedSetting[], left: LeftBehind[]): CarriedSetting[] {
  const here = new Map(setValues().map(({ name, value }) => [name, value]));
  let wanted = settings.filter(({ from, name, value }) => {
    const { kind, default: usual = '' } = SETTINGS.get(name)!;
    const [there, usually] = [value, here.get(name) ?? usual].map((text) =>
      kind.parse(text, { cwd: process.cwd() }),
    );
    if (there !== undefined && there === usually) return false;
    const set = here.get(name);
    if (set !== undefined) left.push({ from, why: `${name} is "${set}" here already, not "${value}".` });
    return set === undefined;
  });
  for (;;) {
    const problems = problemsWith(Object.fromEntries(wanted.map(({ name, value }) => [name, value])));
    const fitting = wanted.filter(({ from, name }) => {
      const problem = problems.find((text) => text.startsWith(name));
      if (problem !== undefined) left.push({ from, why: `${problem}.` });
      return problem === undefined;
    });
    if (fitting.length === wanted.length) return wanted;
    wanted = fitting;
  }
}

interface OwnedRules {
  /** Undefined: the server. */
  room: string | undefined;
  rules: FilterRules;
}

function ofServerAndRooms({ filters }: SogsIni): OwnedRules[] {
  const rooms = [...filters.rooms].map(([room, rules]) => ({ room, rules }));
  return [{ room: undefined, rules: filters.server }, ...rooms];
}

function ofEachRoom({ filters }: SogsIni, rooms: readonly string[]): OwnedRules[] {
  const own = new Map([...filters.rooms].map(([room, rules]) => [room.toLowerCase(), rules]));
  return rooms.map((room) => ({
    room,
    rules: joined(filters.server, own.get(room.toLowerCase()) ?? {}),
  }));
}

/** Those that say something which our rules can say, too. */
function valid(all: readonly OwnedRules[], left: LeftBehind[]): OwnedRules[] {
  return all.filter(({ room, rules }) => {
    if (Object.keys(rules).length === 0) return false;
    try {
      if (room === undefined) parseServerRules(rules);
      else parseRoomRules(rules, room);
      return true;
    } catch (error) {
      if (!(error instanceof FilterRulesError)) throw error;
      left.push({ from: `filters of ${ownerOf(room)}`, why: `${error.problems.join('; ')}.` });
      return false;
    }
  });
}

const ownerOf = (room: string | undefined): string => (room === undefined ? 'the server' : `room ${room}`);

async function setFilters(
  { get, operator }: Installation,
  all: readonly OwnedRules[],
  { filters, left }: CarriedOver,
): Promise<void> {
  const service = get(ModerationRulesService);
  for (const { room, rules } of all) {
    const from = `filters of ${ownerOf(room)}`;
    try {
      const token = room === undefined ? undefined : knownToken(room);
      const { filters: present } = await service.stored(token);
      if (isDeepStrictEqual(present, rules)) continue;
      if (Object.keys(present as object).length > 0)
        left.push({ from, why: 'There are rules here already.' });
      else {
        await service.change(operator, token, 'filters', () => rules);
        filters.push(ownerOf(room));
      }
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof WireError)) throw error;
      left.push({ from, why: error instanceof WireError ? `${error.text}.` : error.message });
    }
  }
}

async function writeSettings(report: CarriedOver, iniFile: string): Promise<void> {
  const { settings } = report;
  if (settings.length === 0) return;
  const path = join(process.cwd(), ENV_FILE);
  const day = isoTime(systemClock.nowSeconds()).slice(0, 10);
  const lines = [`# from ${iniFile}, ${day}`, ...settings.map(({ name, value }) => `${name}=${value}`)];
  try {
    const before = await readFile(path, 'utf8').catch(() => '');
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    await appendFile(path, `${gap}${lines.join('\n')}\n`, { mode: OWNER_ONLY });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    report.settings = [];
    report.left.push(
      ...settings.map(({ from, name, value }) => ({
        from,
        why: `${path} cannot be written (${code}): set ${name}=${value} yourself.`,
      })),
    );
  }
}
