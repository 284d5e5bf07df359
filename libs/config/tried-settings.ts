import { ConfigError } from './config-error.js';
import { loadConfig, type Environment } from './load-config.js';

/** What would be wrong with the settings if these came on top of what is set; nothing, when a server would start. */
export function problemsWith(added: Environment): readonly string[] {
  try {
    loadConfig({ env: { ...process.env, ...added } });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
