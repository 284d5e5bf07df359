import { isoTime } from '../../../libs/protocol/clock.js';
/** A cell of a table for people. */
export type Cell = string | number | boolean | null | undefined;

export const printLine = (text: string): void => void process.stdout.write(`${text}\n`);

/** For programs: one JSON document. */
export const printJson = (value: unknown): void => printLine(JSON.stringify(value, null, 2));

/** What a change came to: a sentence for people, for programs what is there now. */
export const printChange = ({ json }: { json?: true | undefined }, now: unknown, sentence: string): void =>
  json ? printJson(now) : printLine(sentence);

/** For people: columns as wide as their widest cell; `none` where there are no rows. */
export function printTable(columns: readonly string[], rows: readonly Cell[][], none: string): void {
  if (rows.length === 0) return printLine(none);
  const lines = [columns.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(textOf))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  for (const line of lines)
    printLine(
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    );
}

/** As many of `rows` as were asked for; whoever asked is told on the terminal that one more was found. */
export function firstOf<Row>(rows: readonly Row[], limit: number): readonly Row[] {
  if (rows.length > limit)
    process.stderr.write(`These are the first ${limit}. There are more: see --limit.\n`);
  return rows.slice(0, limit);
}

/** For people: one thing, a line per member; those without a value are left out. */
export function printFields(fields: Readonly<Record<string, Cell>>): void {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown) printLine(`${name.padEnd(width)}  ${textOf(value)}`);
}

/** A cell as it is shown; what members wrote must not steer the terminal. */
export function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  // eslint-disable-next-line no-control-regex
  return String(cell).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** A line on the terminal that the next one replaces, if anybody watches. */
export class ProgressLine {
  private shown = '';

  show(text: string): void {
    if (!process.stderr.isTTY || text === this.shown) return;
    this.shown = text;
    process.stderr.write(`\r\u001b[K${text}`);
  }

  clear(): void {
    if (this.shown !== '') process.stderr.write('\r\u001b[K');
    this.shown = '';
  }
}

/** `2026-11-23 09:30` in UTC, from Unix seconds. */
export const formatTime = (seconds: number): string => isoTime(seconds).slice(0, 16).replace('T', ' ');

/** `9.8 GB`: three digits at most, in powers of a thousand. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `4 min`: one unit, for people who wait. */
export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 90 * 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
