/** `a, b` → `['a', 'b']`; empty for none. */
export const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

/** One per line, without empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
