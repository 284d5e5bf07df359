import { REPEATED_NAME_LENGTH_MAX } from './filter-limits.js';

/** What the placeholders of a reply stand for. */
export interface ReplyContext {
  /** The author's display name; undefined if the message has none. */
  readonly displayName: string | undefined;
  /** The author's id. */
  readonly sessionId: string;
  readonly roomName: string;
  readonly roomToken: string;
}

const PLACEHOLDERS = {
  name: ({ displayName = '' }) =>
    [...displayName.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')].slice(0, REPEATED_NAME_LENGTH_MAX).join(''),
  mention: ({ sessionId }) => `@${sessionId}`,
  room: ({ roomName }) => roomName,
  token: ({ roomToken }) => roomToken,
} as const satisfies Readonly<Record<string, (context: ReplyContext) => string>>;

const PLACEHOLDER = /\{\{|\{([A-Za-z]+)\}/g;

const isPlaceholder = (name: string): name is keyof typeof PLACEHOLDERS => Object.hasOwn(PLACEHOLDERS, name);

/** The text of a reply. `{{` stands for a brace. What is filled in is not looked at again. */
export const fillTemplate = (template: string, context: ReplyContext): string =>
  template.replace(PLACEHOLDER, (found, name: string | undefined) => {
    if (name === undefined) return '{';
    return isPlaceholder(name) ? PLACEHOLDERS[name](context) : found;
  });

/** A placeholder that there is not, as written; undefined when all is well. */
export function unknownPlaceholder(template: string): string | undefined {
  const found = [...template.matchAll(PLACEHOLDER)].find(
    ([, name]) => name !== undefined && !isPlaceholder(name),
  );
  return found?.[0];
}

export const PLACEHOLDER_NAMES = Object.keys(PLACEHOLDERS).map((name) => `{${name}}`);

const REFERENCE_PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['\\@', '{mention}'],
  ['\\p', '{name}'],
  ['\\r', '{room}'],
  ['\\t', '{token}'],
  ['\\n', '\n'],
  ['\\\\', '\\'],
  ['{', '{{'],
]);

/** A reply as the reference server's `sogs.ini` has it, as a template of ours. What it does not know either stays. */
export const translateReferencePlaceholders = (reply: string): string =>
  reply.replace(/\\.|\{/gsu, (found) => REFERENCE_PLACEHOLDERS.get(found) ?? found.replace('{', '{{'));
