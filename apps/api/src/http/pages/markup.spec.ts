import fc from 'fast-check';
import { PAYLOADS } from '../../../../../test/support/page-samples.js';
import { markup } from './markup.js';

/** What a browser makes of escaped text. */
const unescape = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

describe('markup', () => {
  it.each(PAYLOADS)('shows %s as text', (payload) => {
    const { html } = markup`<p title="${payload}">${payload}</p>`;
    const [, attribute, content] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(html) ?? [];
    expect(unescape(attribute!)).toBe(payload);
    expect(unescape(content!)).toBe(payload);
  });

  it('leaves no character that could end a text or an attribute, and loses none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { html } = markup`${text}`;
        expect(html).not.toMatch(/[<>"']/);
        expect(unescape(html)).toBe(text);
      }),
    );
  });

  it('shows control characters as what they are not, and keeps line breaks and tabs', () => {
    expect(markup`${'a\u0000b\u001bc\u0085d\n\te'}`.html).toBe('a\ufffdb\ufffdc\ufffdd\n\te');
  });

  it('takes markup as it is, alone and in lists', () => {
    const items = ['<a>', '&'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>`.html).toBe('<ul><li>&lt;a&gt;</li><li>&amp;</li></ul>');
  });

  it('shows nothing for what is absent, and 0 for 0', () => {
    expect(markup`[${undefined}${null}${false}${[]}${''}${0}]`.html).toBe('[0]');
  });

  it('does not take for markup what only looks like it', () => {
    const forged = { html: '<script>' } as unknown as string;
    expect(markup`${forged}`.html).toBe('[object Object]');
  });
});
