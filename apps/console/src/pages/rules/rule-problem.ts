import type { FieldError } from '../../api/problem.js';
import type { RulesKind } from '../../api/rules.js';
import { AUTOMOD_RULES, CONSEQUENCES, RECORDS } from './automod-fields.js';
import { FILTER_FIELDS, REPLY_LABELS } from './filter-choices.js';

/** What the server objects to, with the names that the form has for it: `Floods, “Posts”: must be at least 1`. */
export function ruleProblem(kind: RulesKind, { path, message }: FieldError): string {
  const name = kind === 'automod' ? automodName(path) : filterName(path);
  const text = kind === 'automod' ? withLabels(path, message) : message;
  return name === '' ? text : `${name}: ${text}`;
}

/** `links.deny[1]` → `Links, “Forbidden domains”, line 2`. */
function automodName(path: string): string {
  const [, name = '', inner = ''] = /^(\w*)\.?(.*)$/.exec(path) ?? [];
  const rule = AUTOMOD_RULES.find((each) => each.name === name);
  if (!rule) return path;
  const label = labelIn(name, bare(inner)) ?? inner;
  return inner === '' ? rule.label : `${rule.label}, “${label}”${lineIn(inner)}`;
}

function labelIn(rule: string, field: string): string | undefined {
  const fields = AUTOMOD_RULES.find(({ name }) => name === rule)?.fields ?? [];
  return [...fields, ...CONSEQUENCES, ...RECORDS].find(({ path }) => path === field)?.label;
}

/** `needs one of allow, deny` names fields, too. */
function withLabels(rule: string, message: string): string {
  const [, keys] = /^needs one of (.+)$/.exec(message) ?? [];
  if (keys === undefined) return message;
  const labels = keys.split(', ').map((key) => `“${labelIn(rule, key) ?? key}”`);
  return `needs one of ${labels.join(', ')}`;
}

/** `replies[0].templates[1]` → `Reply 1, “Texts”, line 2`. */
function filterName(path: string): string {
  const [, reply, field = '', rest = ''] = /^replies\[(\d+)\]\.?(\w*)(.*)$/.exec(path) ?? [];
  if (reply !== undefined) {
    const label = (REPLY_LABELS as Record<string, string>)[field];
    return `Reply ${Number(reply) + 1}${label === undefined ? '' : `, “${label}”`}${lineIn(rest)}`;
  }
  const known = (FILTER_FIELDS as Record<string, readonly [string, string]>)[bare(path)];
  return known ? `${known[0]}, “${known[1]}”${lineIn(path)}` : path;
}

/** Without the place in a list. */
const bare = (path: string): string => path.replace(/\[.*$/, '');

function lineIn(path: string): string {
  const [, index] = /\[(\d+)\]/.exec(path) ?? [];
  return index === undefined ? '' : `, line ${Number(index) + 1}`;
}
