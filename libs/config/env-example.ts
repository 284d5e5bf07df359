import { SETTING_GROUPS } from './setting.js';
import { SETTINGS } from './settings.js';

const INTRODUCTION = `# Settings of Plaza. Copy this file to .env and take the # off the lines you change.
# Everything has a default: the server starts with none of this. A variable of the environment wins over .env.
# What may hold a password can be in a file: DATABASE_URL_FILE=/run/secrets/database_url and so on.
# Durations: 90 (seconds), 16s, 30m, 12h, 15d. Sizes: 1048576 (bytes), 64KiB, 10MB, 11MiB. Yes or no: true, false.
`;

/** The text of `.env.example`. */
export function renderEnvExample(): string {
  const pieces = [INTRODUCTION];
  for (const group of SETTING_GROUPS) {
    pieces.push(`\n# --- ${group} ---\n`);
    for (const [name, setting] of SETTINGS) {
      if (setting.group !== group) continue;
      const note = setting.defaultNote ? ` (default: ${setting.defaultNote})` : '';
      pieces.push(
        `\n# ${setting.description.replaceAll('`', '')}${note}\n# ${name}=${setting.default ?? ''}\n`,
      );
    }
  }
  return pieces.join('');
}
