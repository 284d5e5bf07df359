import { wordsOf } from '../../parts/shown.js';

const DETAILS_MAX = 6;
const LENGTH_MAX = 120;

/** `{posts: 3, reason: 'spam'}` → `['Posts: 3', 'Reason: spam']`, bounded. */
export const detailTexts = (details: Record<string, unknown> = {}): string[] =>
  Object.entries(details)
    .filter(([, value]) => value !== undefined && value !== null)
    .slice(0, DETAILS_MAX)
    .map(([name, value]) => `${wordsOf(name)}: ${valueText(value)}`);

function valueText(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}
