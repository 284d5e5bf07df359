/** A statement that PostgreSQL parses once per connection. The name is unique in the project and never reused for other text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const known = new Map<string, Statement>();

/** Throws when another statement has this name: a connection would go on running that one. */
export function statement(name: string, text: string): Statement {
  const same = known.get(name);
  if (same && same.text !== text) throw new Error(`two statements are called ${name}`);
  const made = same ?? { name, text };
  known.set(name, made);
  return made;
}

/** Every statement of the modules that are loaded, for tests that look at plans. */
export const allStatements = (): Statement[] => [...known.values()];
