import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderEnvExample } from './env-example.js';
import { projectRoot } from './project-root.js';
import { renderSettingsTable, SETTINGS_TABLE_END, SETTINGS_TABLE_START } from './settings-table.js';

/** `npm run settings`: brings .env.example and the README's table up to date with the table of settings. */
const readme = join(projectRoot, 'README.md');
const [before] = readFileSync(readme, 'utf8').split(SETTINGS_TABLE_START);
const [, after] = readFileSync(readme, 'utf8').split(SETTINGS_TABLE_END);
writeFileSync(readme, before + SETTINGS_TABLE_START + renderSettingsTable() + SETTINGS_TABLE_END + after);
writeFileSync(join(projectRoot, '.env.example'), renderEnvExample());
