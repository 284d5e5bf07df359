/** HTML that is safe to send. Only {@link markup} makes it, so a text can never pass for one. */
class Markup {
  constructor(readonly html: string) {}
}
export type { Markup };

/** What may stand in a template: markup as it is, texts escaped, nothing for what is absent. */
export type Part = Markup | string | number | false | null | undefined | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const ESCAPED = /[&<>"']/g;
/** HTML knows none of these, and some programs stop at a NUL. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * A template of HTML. Everything put into it is escaped for element content and for attributes in double quotes;
 * places of other kinds (tag names, unquoted attributes, scripts, styles) must not be filled.
 * (Not called `html`, or Prettier would move white space inside texts.)
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let html = literals[0]!;
  parts.forEach((part, index) => {
    html += render(part) + literals[index + 1]!;
  });
  return new Markup(html);
}

function render(part: Part): string {
  if (part instanceof Markup) return part.html;
  if (Array.isArray(part)) return part.map(render).join('');
  if (part === null || part === undefined || part === false) return '';
  return escapeText(String(part));
}

const escapeText = (text: string): string =>
  text.replace(CONTROLS, '\ufffd').replace(ESCAPED, (character) => ESCAPES[character]!);
