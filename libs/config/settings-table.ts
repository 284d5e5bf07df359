import { secretFileName } from './secret-file.js';
import { SETTING_GROUPS, type Setting } from './setting.js';
import { SETTINGS } from './settings.js';

type Row = readonly [string, string, string];

/** Lines around the table in README.md. */
export const SETTINGS_TABLE_START = '<!-- settings -->';
export const SETTINGS_TABLE_END = '<!-- /settings -->';

/**
 * The settings in Markdown, one table per group, laid out the way Prettier does. It starts and ends with an
 * empty line, to stand between {@link SETTINGS_TABLE_START} and {@link SETTINGS_TABLE_END}.
 */
export function renderSettingsTable(): string {
  const tables = SETTING_GROUPS.map((group) => {
    const rows = [...SETTINGS].filter(([, setting]) => setting.group === group).map(rowOf);
    return renderTable([[group, 'Default', 'What it is'], ...rows]);
  });
  return `\n\n${tables.join('\n\n')}\n\n`;
}

function rowOf([name, setting]: [string, Setting<unknown>]): Row {
  const value = setting.default === undefined ? (setting.defaultNote ?? '') : `\`${setting.default}\``;
  const alternative = setting.secret ? ` (or \`${secretFileName(name)}\`: a file that holds it)` : '';
  return [`\`${name}\``, value, setting.description + alternative];
}

function renderTable([header, ...rows]: [Row, ...Row[]]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[], filler = ' '): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!, filler)).join(' | ')} |`;
  return [line(header), line(['', '', ''], '-'), ...rows.map((row) => line(row))].join('\n');
}
