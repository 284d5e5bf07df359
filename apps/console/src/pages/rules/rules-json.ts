import type { Rules } from '../../api/types.js';

/** Rules are an object; whether they are good ones, the server knows. */
export function parseRules(text: string): { rules: Rules } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { rules: value as Rules } : { problem: 'This is no object.' };
  } catch (error) {
    return { problem: `This is no JSON yet: ${(error as Error).message}` };
  }
}

type Path = readonly [string, ...string[]];

export const pathOf = (dotted: string): Path => dotted.split('.') as unknown as Path;

/** The value at a path; undefined where there is none. */
export function valueAt(rules: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Rules)[key] : undefined),
    rules,
  );
}

/** The same with another value; undefined takes it out, with the objects around it that become empty. */
export function withValue(rules: Rules, [key, ...rest]: Path, value: unknown): Rules {
  const { [key]: before, ...others } = rules;
  const inner =
    rest.length === 0 ? value : withValue((before ?? {}) as Rules, rest as unknown as Path, value);
  const isGone = inner === undefined || (rest.length > 0 && Object.keys(inner as object).length === 0);
  if (isGone) return others;
  // In its place, so that the JSON does not jump about while one edits the form.
  return key in rules ? { ...rules, [key]: inner } : { ...others, [key]: inner };
}
