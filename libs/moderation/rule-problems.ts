import type { z } from 'zod';

/** What is wrong at one place of rules. */
export interface RuleProblem {
  /** `links.deny[1]`; empty: the rules as a whole. */
  path: string;
  /** Goes on from the name of the place: `must be at least 1`. */
  message: string;
}

export const MUST_BE_A_LIST = 'must be a list';

const KINDS: Readonly<Record<string, string>> = {
  number: 'must be a number',
  int: 'must be a whole number',
  string: 'must be a text',
  boolean: 'must be true or false',
  array: MUST_BE_A_LIST,
  object: 'must be an object',
};

/** What zod objects to, in plain words; undefined where it has none better than its own. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : KINDS[issue.expected];
    case 'too_small':
      if (issue.origin === 'number') return `must be at least ${issue.minimum}`;
      return issue.minimum === 1 ? 'must not be empty' : undefined;
    case 'too_big':
      return issue.origin === 'number'
        ? `must be at most ${issue.maximum}`
        : `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}`;
    case 'invalid_value':
      return `must be one of ${quoted(issue.values)}`;
    case 'unrecognized_keys':
      return `has no ${issue.keys.length === 1 ? 'setting' : 'settings'} ${quoted(issue.keys)}`;
    default:
      return undefined;
  }
}

const quoted = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(', ');

export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${String(part)}`))
    .join('');
