import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { renderEnvExample } from './env-example.js';
import { SETTINGS } from './settings.js';
import { renderSettingsTable, SETTINGS_TABLE_END, SETTINGS_TABLE_START } from './settings-table.js';

const ROOT = join(__dirname, '..', '..');

describe('.env.example', () => {
  it('is what the table of settings renders to', () => {
    expect(readFileSync(join(ROOT, '.env.example'), 'utf8')).toBe(renderEnvExample());
  });

  it('sets nothing as it is', () => expect(parseEnv(renderEnvExample())).toEqual({}));

  it('names every setting with its default once the # is taken off', () => {
    const set = parseEnv(renderEnvExample().replace(/^# (?=[A-Z0-9_]+=)/gm, ''));
    expect(set).toEqual(
      Object.fromEntries([...SETTINGS].map(([name, { default: value }]) => [name, value ?? ''])),
    );
  });
});

describe('README.md', () => {
  it('shows the table of settings', () => {
    const path = join(ROOT, 'README.md');
    const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const [, after = `README.md has no line ${SETTINGS_TABLE_START}`] = readme.split(SETTINGS_TABLE_START);
    const [shown] = after.split(SETTINGS_TABLE_END);
    expect(shown).toBe(renderSettingsTable());
  });

  it('is given a row for every setting, and no cell that would break the table', () => {
    const rows = renderSettingsTable()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.split('`')[1])).toEqual([...SETTINGS.keys()]);
    for (const row of rows) expect(row.split('|')).toHaveLength(5);
  });
});
