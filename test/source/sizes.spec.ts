import { fileLengths, functionLengths } from './size-rules.js';
import { readSourceTree, sources } from './source-tree.js';

const tree = readSourceTree();
const lines = (count: number, line = 'x();'): string => `${line}\n`.repeat(count);

describe('a file', () => {
  it('has at most 250 lines, a test 500', () => expect(fileLengths(tree)).toEqual([]));

  it.each([
    ['libs/a/b.ts', 250],
    ['test/support/b.ts', 250],
    ['libs/a/b.spec.ts', 500],
    ['test/e2e/b.e2e-spec.ts', 500],
  ])('like %s has at most %i lines', (path, most) => {
    expect(fileLengths(sources({ [path]: lines(most) }))).toEqual([]);
    expect(fileLengths(sources({ [path]: lines(most + 1) }))).toEqual([
      `${path}:1 has ${most + 1} lines, at most ${most} are allowed`,
    ]);
  });
});

describe('a function', () => {
  it('has at most 70 lines', () => expect(functionLengths(tree)).toEqual([]));

  const wrap = (before: string, count: number, after = '}'): string =>
    `\n${before}\n${lines(count)}${after}\n`;

  it('may have 70 lines, its documentation left out', () => {
    const text = `/**\n${lines(50, ' * text')} */\n${wrap('function f() {', 68)}`;
    expect(functionLengths(sources({ 'libs/a/b.ts': text }))).toEqual([]);
  });

  it.each([
    ['f', 'function f() {', '}'],
    ['f', 'class C { f() {', '} }'],
    ['a function', 'const f = () => {', '};'],
    ['constructor', 'class C { constructor() {', '} }'],
  ])('may not have 71: %s of %s', (name, before, after) => {
    const [complaint] = functionLengths(sources({ 'libs/a/b.ts': wrap(before, 69, after) }));
    expect(complaint).toMatch(/^libs\/a\/b\.ts:2 .* has 71 lines, at most 70 are allowed$/);
    if (name === 'f') expect(complaint).toContain(' f has ');
  });

  it('of a test obeys as well, but a suite is none', () => {
    const long = (before: string): string[] =>
      functionLengths(sources({ 'libs/a/b.spec.ts': wrap(before, 80, '});') }));
    expect(long(`describe('x', () => { it('y', () => 1);`)).toEqual([]);
    expect(long(`it('y', () => {`)).toHaveLength(1);
  });
});
