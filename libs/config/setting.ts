import type { SettingKind } from './setting-kinds.js';

/** One environment variable. */
export interface Setting<T> {
  readonly group: SettingGroup;
  readonly kind: SettingKind<T>;
  /** As an operator would write it. Undefined: what `defaultNote` says. */
  readonly default: string | undefined;
  /** What happens when it is not set, for settings without a default value. */
  readonly defaultNote?: string;
  /** One line, no full stop. */
  readonly description: string;
  /** Never shown in a message, since it may hold a password; may be read from a file instead (secret-file.ts). */
  readonly secret?: true;
}

export const SETTING_GROUPS = [
  'Server',
  'Data',
  'Files',
  'Messages',
  'Lifetimes',
  'Limits',
  'Abuse',
  'For tests only',
] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

export function setting<T>(
  group: SettingGroup,
  kind: SettingKind<T>,
  value: string,
  description: string,
): Setting<T> {
  return { group, kind, default: value, description };
}

export function unset<T>(
  group: SettingGroup,
  kind: SettingKind<T>,
  defaultNote: string,
  description: string,
): Setting<T | undefined> {
  return { group, kind, default: undefined, defaultNote, description };
}

export function secret<T>(of: Setting<T>): Setting<T> {
  return { ...of, secret: true };
}
