import type { z } from 'zod';
import { OperatorError } from '../protocol/operator-error.js';
import { PROBLEMS_SHOWN_MAX } from './filter-limits.js';

/** Rules of a server or a room cannot be used. The message is meant to be shown as it is. */
export abstract class RulesError extends OperatorError {
  /** `kind` in the plural: "filter rules"; `owner`: "the room fish". */
  constructor(
    kind: string,
    owner: string,
    readonly problems: readonly string[],
  ) {
    super(`The ${kind} of ${owner} are not valid:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/** Rules as `schema` has them. Throws what `refuse` makes of every problem, each a line that begins with its place. */
export function parseRules<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (problems: readonly string[]) => RulesError,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    return where === '' ? message : `${where.slice(1)}: ${message}`;
  });
  throw refuse(problems.slice(0, PROBLEMS_SHOWN_MAX));
}
