import fc from 'fast-check';
import { ImportError } from '../../import-error.js';
import { parseIni } from './ini-file.js';

const parsed = (text: string) =>
  Object.fromEntries(
    [...parseIni(text, 'x.ini')].map(([section, values]) => [section, Object.fromEntries(values)]),
  );

it('reads sections, names and values', () => {
  expect(parsed('[net]\nBase_URL = http://a:80/=x\nshow: yes\n\n[room:fish]\nempty =\n')).toEqual({
    net: { base_url: ['http://a:80/=x'], show: ['yes'] },
    'room:fish': { empty: [] },
  });
});

it('takes indented lines for a part of the value above', () => {
  expect(parsed('[f]\nreply = one\n  two # not a comment\n\n\tthree\npublic = no')).toEqual({
    f: { reply: ['one', 'two # not a comment', 'three'], public: ['no'] },
  });
  expect(parsed('[f]\nreply =\n  one\n  ; a comment\n  two')).toEqual({ f: { reply: ['one', 'two'] } });
});

it('passes over comments, a byte order mark and the line ends of Windows', () => {
  expect(parsed('\uFEFF# top\r\n; more\r\n[a]\r\n# in it\r\nb=c\r\n')).toEqual({ a: { b: ['c'] } });
});

it.each([
  ['a line that is nothing', '[a]\nwhat is this', 2, 'neither [section] nor name = value'],
  ['a value before a section', 'a = b', 1, 'stands in no section'],
  ['an indented first line', '[a]\n  b = c', 2, 'there is no value above'],
  ['a section twice', '[a]\n[b]\n[a]', 3, '[a] is there twice'],
  ['a name twice', '[a]\nB = 1\nb = 2', 3, 'b is there twice'],
])('names the line of %s', (_what, text, line, why) => {
  expect(() => parseIni(text, 'x.ini')).toThrow(ImportError);
  expect(() => parseIni(text, 'x.ini')).toThrow(`x.ini, line ${line}: `);
  expect(() => parseIni(text, 'x.ini')).toThrow(why);
});

it('reads or refuses whatever comes, soon', () => {
  const piece = fc.constantFrom('[', ']', '=', ':', '\n', ' ', '\t', '#', ';', 'a', '__proto__', '\r', '\0');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        parseIni(pieces.join(''), 'x.ini');
      } catch (error) {
        expect(error).toBeInstanceOf(ImportError);
      }
    }),
  );
  const begun = performance.now();
  for (const text of [' '.repeat(1_000_000), `[a]\n${'b '.repeat(500_000)}`, `[${'['.repeat(1_000_000)}`])
    expect(() => parseIni(`${text}x`, 'x.ini')).toThrow(ImportError);
  expect(performance.now() - begun).toBeLessThan(15_000); // 20 on the machine this was written on
});
