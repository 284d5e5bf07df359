import { ImportError } from '../../import-error.js';

/** What stands under one name: the lines of a value, without those that are empty. */
export type IniValue = readonly string[];
/** By section, then by name; names are in lower case. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

const SECTION = /^\[([^\]]+)\]\s*$/;
const COMMENT = /^\s*[#;]/;
const ASSIGNMENT = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/;
const LINES_MAX = 100_000;

/**
 * An INI file as Python's configparser reads it: `name = value` or `name: value` in sections, comments on lines of their
 * own, and lines that are indented belong to the value above. (The packages for INI files know nothing of the last.)
 *
 * @throws ImportError naming the line that is none of this, or that says something twice.
 */
export function parseIni(text: string, fileName: string): IniFile {
  const file = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|[\n\r]/, LINES_MAX + 1);
  const refuse = (at: number, why: string): ImportError =>
    new ImportError(`${fileName}, line ${at + 1}: ${why}.`);
  if (lines.length > LINES_MAX) throw refuse(LINES_MAX, 'the file is too long');
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '' || COMMENT.test(line)) continue;
    if (/^\s/.test(line)) {
      if (!value) throw refuse(at, 'it is indented, but there is no value above that it could belong to');
      value.push(line.trim());
      continue;
    }
    const [, name] = SECTION.exec(line) ?? [];
    if (name !== undefined) {
      if (file.has(name)) throw refuse(at, `[${name}] is there twice`);
      file.set(name, (section = new Map()));
      value = undefined;
      continue;
    }
    const [, key, first] = ASSIGNMENT.exec(line) ?? [];
    if (key === undefined || first === undefined)
      throw refuse(at, 'it is neither [section] nor name = value');
    if (!section) throw refuse(at, 'it stands in no section');
    if (section.has(key.toLowerCase())) throw refuse(at, `${key} is there twice`);
    section.set(key.toLowerCase(), (value = first.trim() === '' ? [] : [first.trim()]));
  }
  return file;
}
