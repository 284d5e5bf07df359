import fc from 'fast-check';
import { DomainSet, parseDomain } from './domains.js';
import { hasLink, someLink } from './links.js';
import { linkText } from './link-text.js';

function hosts(text: string, certain = true): string[] {
  const found: string[] = [];
  someLink(linkText(text), (link) => {
    if (link.certain === certain) found.push(link.host);
    return false;
  });
  return [...new Set(found)];
}

describe('a link', () => {
  it.each([
    ['with a scheme', 'see https://example.com/path?x=1#y', ['example.com']],
    ['without one', 'see example.com for more', ['example.com']],
    ['at the end of a sentence', 'Go to example.com. Now!', ['example.com']],
    ['in brackets', '(example.com) [https://example.org/a]', ['example.org', 'example.com']],
    ['in upper case', 'HTTPS://EXAMPLE.COM/', ['example.com']],
    ['with a user name and a port', 'https://good.com:x@evil.example:8443/', ['evil.example']],
    ['of another scheme', 'tg://resolve.example?domain=x', ['resolve.example']],
    ['with an end that is a word too, and a path', 't.me/joinus discord.gg/abc', ['t.me', 'discord.gg']],
    ['with www.', 'www.yes.it', ['www.yes.it']],
    ['with a port', 'plaza.is:8080', ['plaza.is']],
    ['with an end that nobody knows, and a scheme', 'http://files.lan', ['files.lan']],
    [
      'to an address',
      'http://10.0.0.1/x http://[2001:db8::1]/ 10.0.0.2/x',
      ['10.0.0.1', '[2001:db8::1]', '10.0.0.2'],
    ],
    ['to an address in disguise', 'http://0x7f.1/ http://2130706433/', ['127.0.0.1']],
    [
      'in a script of its own',
      'https://bücher.example/ пример.рф 例え.jp',
      ['xn--bcher-kva.example', 'xn--e1afmkfd.xn--p1ai', 'xn--r8jz45g.jp'],
    ],
    ['already in punycode', 'xn--e1afmkfd.xn--p1ai', ['xn--e1afmkfd.xn--p1ai']],
    ['between letters without spaces', '看example.com吧, example.com에서, ที่example.comนะ', ['example.com']],
    ['behind a path', 'https://en.wikipedia.org/wiki/Example.com', ['en.wikipedia.org']],
  ])('%s', (_, text, expected) => expect(hosts(text)).toEqual(expected));

  it.each([
    'hxxp://example.com',
    'hxxps://example[.]com',
    'h**p://example.com',
    'http[:]//example.com',
    'http : // example.com',
    'http:\\\\example.com',
    'example[.]com',
    'example(.)com',
    'example [dot] com',
    'example {dot} com',
    'example dot com',
    'EXAMPLE DOT COM',
    'example . com',
    'exam\u200bple\u00ad.c\u2060om',
    'ｅｘａｍｐｌｅ．ｃｏｍ',
    'example。com',
    '𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝓬𝓸𝓶',
    'ⓔⓧⓐⓜⓟⓛⓔ.com',
    'https://%65xample.com/',
    'example.com.',
    '«example.com»',
    'example.com:443',
  ])('taken apart or dressed up: %s', (text) => expect(hosts(text)).toEqual(['example.com']));

  it.each([
    'Hello. How are you? Fine...thanks',
    'yes.it is, ok.so what, thanks.me too',
    'see README.md, main.py, setup.zip, node.js, index.html',
    'e.g. i.e. U.S.A. a.m. 1.5 10.000,00 v1.2.3 3.14.15.92',
    'polka dot in the net, the .net runtime',
    "don't.me",
    'write to ada@example.com',
    '192.168.0.1 is mine',
    'and/or, 24/7, c:/temp',
    '://',
    'http://',
    'https:// /',
    `@15${'ab'.repeat(32)} hi`,
    '',
  ])('is not in: %s', (text) => {
    expect(hosts(text)).toEqual([]);
    expect(hasLink(linkText(text))).toBe(false);
  });

  it('may be one, for those who look for its host', () => {
    expect(hosts('ok.so write ada@example.com', false)).toEqual(['ok.so', 'example.com']);
    expect(hosts('https://good.com/?to=https://evil.com/&or=worse.com', false)).toContain('evil.com');
    expect(hosts('https://good.com/?to=https://evil.com/&or=worse.com', false)).toContain('worse.com');
    expect(hosts('https://good.com/?to=https://evil.com/&or=worse.com')).toEqual(['good.com']);
  });

  it('ends the search when it is the one that was looked for', () => {
    let seen = 0;
    expect(someLink('a.com b.com c.com', () => ++seen === 2)).toBe(true);
    expect(seen).toBe(2);
  });

  it('is found in any text with any host in it', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
    const host = fc
      .tuple(label, label, fc.constantFrom('com', 'org', 'ru'))
      .map((labels) => labels.join('.'));
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        host,
        fc.string({ unit: 'grapheme' }),
        (before, name, after) => {
          expect(hosts(`${before} https://${name}/ ${after}`)).toContain(name);
          expect(
            hosts(`${before.replace(/[[({<:/\\.]/g, '')} ${name} ${after.replace(/^[^a-z]*/i, '')}`),
          ).toContain(name);
        },
      ),
    );
  });

  it('is looked for without an error, whatever the text', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '://',
        'http',
        '.',
        '@',
        '[',
        ']',
        '%',
        'xn--',
        '[.]',
        ' dot com',
        '例',
        '\ud800',
        'a.com',
        '\\',
        ':1',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        for (const each of hosts(parts.join(''))) expect(each).not.toMatch(/[\s/@A-Z]/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a text of 256 KiB', () => {
  const BYTES = 256 * 1024;
  it.each([
    'a',
    'a.',
    'a.a',
    '.',
    '..a',
    ' ',
    ' . ',
    '[',
    ' [ . ',
    'dot ',
    ' dot com',
    '://',
    '://a',
    '://a.b ',
    '://%41@',
    '://....................................',
    'http:',
    'h ',
    'a@',
    'example.com ',
    'https://a.com/',
    'https://ü.com ',
    'ü.ü',
    'xn--a.',
    '看.com',
    '1.2.3.4/',
    'e\u0301',
    '\u200b',
    'ａ．',
    '05',
    '@15',
    `public_key=${'a'.repeat(43)}`,
    '?public_key=',
  ])('is read in little time: %j', (unit) => {
    const text = unit.repeat(BYTES / unit.length);
    const start = performance.now();
    const plain = linkText(text);
    someLink(plain, () => false);
    expect(performance.now() - start).toBeLessThan(15_000); // up to 300 on the machine this was written on
  });
});

describe('a list of domains', () => {
  it('has what is under them', () => {
    const domains = new DomainSet(['example.com', 'Bücher.example', 'zip', '10.0.0.1']);
    expect(domains.find('example.com')).toBe('example.com');
    expect(domains.find('a.b.example.com')).toBe('example.com');
    expect(domains.find('shop.xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
    expect(domains.find('files.zip')).toBe('zip');
    expect(domains.find('10.0.0.1')).toBe('10.0.0.1');
  });

  it('has nothing else', () => {
    const domains = new DomainSet(['example.com', 'b.c.d']);
    for (const host of ['notexample.com', 'example.com.evil.org', 'com', 'c.d', 'example', ''])
      expect(domains.find(host)).toBeUndefined();
    expect(new DomainSet().find('example.com')).toBeUndefined();
  });

  it.each([
    ['Example.COM', 'example.com'],
    [' example.com ', 'example.com'],
    ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
    ['ru', 'ru'],
  ])('takes %j', (text, domain) => expect(parseDomain(text)).toBe(domain));

  it.each([
    '',
    '.',
    'https://example.com',
    'example.com/x',
    '*.example.com',
    'a..b',
    'a b',
    '.com',
    'a'.repeat(254),
  ])('does not take %j', (text) => expect(parseDomain(text)).toBeUndefined());
});
