import { readFileSync } from 'node:fs';
import { MUST_BE_A_LIST } from '../../../libs/moderation/rule-problems.js';
import { RulesError } from '../../../libs/moderation/rules-error.js';
import { parseWordList } from '../../../libs/moderation/word-list.js';
import { CommandError } from './command-error.js';

/** `profanity.enabled=true`: where in the rules, and what is to stand there. */
export interface Assignment {
  path: readonly string[];
  value: unknown;
  /** The value, should the rules want a list. */
  list: unknown;
}

type Json = Record<string, unknown>;

const KEY = /^[A-Za-z][A-Za-z0-9]*$/;

export function parseAssignment(argument: string): Assignment {
  const at = argument.indexOf('=');
  if (at < 1) throw new CommandError(`"${argument}" is no KEY=VALUE, such as flood.posts=5.`);
  return { path: parsePath(argument.slice(0, at)), ...valuesOf(argument.slice(at + 1)) };
}

export function parsePath(text: string): string[] {
  const path = text.split('.');
  if (!path.every((key) => KEY.test(key)))
    throw new CommandError(`"${text}" is no key, such as flood.posts.`);
  return path;
}

/** The rules with the assignments made, as `check` gives them back; it throws a RulesError for what is not valid. */
export function assign(
  rules: unknown,
  assignments: readonly Assignment[],
  check: (rules: unknown) => unknown,
): unknown {
  const made = (isList: (one: Assignment) => boolean): unknown =>
    assignments.reduce<unknown>(
      (so, one) => withValue(so, one.path, isList(one) ? one.list : one.value),
      structuredClone(rules),
    );
  try {
    return check(made(() => false));
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    const { errors } = error;
    const wantsList = (one: Assignment): boolean =>
      errors.some(({ path, message }) => path === one.path.join('.') && message === MUST_BE_A_LIST);
    if (!assignments.some(wantsList)) throw error;
    return check(made(wantsList));
  }
}

/** The rules without what stands at a path; what it leaves empty goes too. Throws where nothing stands. */
export function unset(rules: unknown, path: readonly string[]): unknown {
  const left = without(rules, path);
  if (left === rules) throw new CommandError(`Nothing is set at "${path.join('.')}".`);
  return left;
}

/** The very same rules where nothing stands at the path. */
function without(rules: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || !isObject(rules) || !Object.hasOwn(rules, key)) return rules;
  const { [key]: inner, ...others } = rules;
  if (rest.length === 0) return others;
  const left = without(inner, rest);
  if (left === inner) return rules;
  return isObject(left) && Object.keys(left).length === 0 ? others : { ...others, [key]: left };
}

/** For people: `flood.posts = 5`, one line a value; long lists are counted. */
export function describeRules(rules: unknown, prefix = ''): string[] {
  if (!isObject(rules)) return [`${prefix} = ${shown(rules)}`];
  return Object.entries(rules).flatMap(([key, value]) =>
    describeRules(value, prefix === '' ? key : `${prefix}.${key}`),
  );
}

const SHOWN_ITEMS_MAX = 8;

function shown(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const items = value
    .slice(0, SHOWN_ITEMS_MAX)
    .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return items.join(', ') + (value.length > SHOWN_ITEMS_MAX ? `, … (${value.length} in all)` : '');
}

function withValue(rules: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const so = isObject(rules) ? rules : {};
  return { ...so, [key]: withValue(so[key], rest, value) };
}

/** JSON where it reads as such, after `@` the lines of a word-list file, else a text, or a list with commas. */
function valuesOf(text: string): { value: unknown; list: unknown } {
  if (text.startsWith('@')) {
    const terms = parseWordList(readFileSync(text.slice(1), 'utf8'), text.slice(1));
    return { value: terms, list: terms };
  }
  try {
    const value = JSON.parse(text) as unknown;
    return { value, list: typeof value === 'object' ? value : [value] };
  } catch {
    return { value: text, list: text.split(',').map((item) => item.trim()) };
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
