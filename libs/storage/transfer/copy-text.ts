/** A value of a column as COPY takes it. bytea is a Buffer, float8 and int8 are numbers, jsonb is its text. */
export type CopyValue = string | number | boolean | Buffer | null;

/**
 * A row in COPY's text format, exactly as PostgreSQL itself writes it, so that what was sent and what lies there can be
 * compared by their bytes. Text must hold no NUL: PostgreSQL knows none.
 */
export const copyLine = (values: readonly CopyValue[]): string => `${values.map(fieldOf).join('\t')}\n`;

function fieldOf(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return typeof value === 'string' ? escaped(value) : `\\\\x${value.toString('hex')}`;
}

const PLAIN_MIN = 1e-4;
const PLAIN_BELOW = 1e15;

/** Both write the shortest digits that give the same number back, but change to exponents at different sizes. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  const isPlain = value === 0 || (size >= PLAIN_MIN && size < PLAIN_BELOW) || Number.isSafeInteger(value);
  if (isPlain) return String(value);
  if (!Number.isFinite(value)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const SPECIAL = /[\\\b\f\n\r\t\v]/;
const SPECIALS = /[\\\b\f\n\r\t\v]/g;

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(SPECIALS, (character) => ESCAPES[character]!) : text;
