import type { z } from 'zod';
import { OperatorError } from '../protocol/operator-error.js';
import { placeText } from '../protocol/place-text.js';
import { PROBLEMS_SHOWN_MAX } from './filter-limits.js';
import { pathText, plainWords, type RuleProblem } from './rule-problems.js';

/** Rules of a server or a room cannot be used. The message is meant to be shown as it is. */
export abstract class RulesError extends OperatorError {
  /** Each problem as a line that begins with its place. */
  readonly problems: readonly string[];

  /** `kind` in the plural: "filter rules"; `owner`: "the room fish". */
  constructor(
    kind: string,
    owner: string,
    readonly errors: readonly RuleProblem[],
  ) {
    const lines = errors.map(placeText);
    super(`The ${kind} of ${owner} are not valid:\n${lines.map((each) => `  - ${each}`).join('\n')}`);
    this.problems = lines;
  }
}

/** Rules as `schema` has them. Throws what `refuse` makes of everything that is wrong. */
export function parseRules<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (errors: readonly RuleProblem[]) => RulesError,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: pathText(path), message }));
  throw refuse(errors.slice(0, PROBLEMS_SHOWN_MAX));
}
