export type QueryValue = string | number | boolean | readonly string[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** A path with every value encoded: `` at`/rooms/${token}` ``. */
export const at = (literals: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  literals.reduce((path, literal, index) => `${path}${encodeURIComponent(values[index - 1]!)}${literal}`);

/** `?a=1&b=x,y`; empty for no values. What is undefined or empty is left out. */
export function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
    if (text !== '') parameters.set(name, text);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
