import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadFiles, focusedTests, openWork } from './habit-rules.js';
import { readSourceTree, ROOT, sources } from './source-tree.js';

const tree = readSourceTree();

/** Texts that name programs by their path in dist/. */
const programs = ['package.json', ...readdirSync(join(ROOT, 'bin')).map((name) => join('bin', name))]
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

describe('no file is dead', () => {
  it('in the whole source', () => expect(deadFiles(tree, programs)).toEqual([]));

  it('so one that is imported, an entry point, a test or a declaration is alive', () => {
    const files = sources({
      'apps/api/src/main.ts': `import { a } from '../../../libs/a/a.js';`,
      'apps/cli/src/plaza.ts': '',
      'apps/console/src/main.tsx': `import { App } from './app.jsx';`,
      'apps/console/src/app.tsx': '',
      'libs/a/a.ts': `export type { B } from './b.js'; new Worker(join(__dirname, './hashing.js'));`,
      'libs/a/b.ts': '',
      'libs/a/hashing.ts': '',
      'libs/a/b.spec.ts': `import { describeA } from './a.contract.js';`,
      'libs/a/a.contract.ts': '',
      'libs/a/sodium.d.ts': '',
    });
    expect(deadFiles(files, `node dist/apps/cli/src/plaza.js`)).toEqual([]);
  });

  it('so one that nothing refers to is refused', () => {
    const files = sources({
      'libs/a/a.ts': '// ./b.js',
      'libs/a/b.ts': `import './c.js';`,
      'libs/a/c.contract.ts': '',
    });
    expect(deadFiles(files)).toEqual([
      'libs/a/a.ts:1 is dead: nothing imports it',
      'libs/a/b.ts:1 is dead: nothing imports it',
      'libs/a/c.contract.ts:1 is dead: nothing imports it',
    ]);
  });
});

describe('open work has an owner and a reason', () => {
  it('in the whole source', () => expect(openWork(tree)).toEqual([]));

  it.each([
    '// TODO(ada): until Redis 8 is everywhere',
    '/** FIXME(ada): see protocol.md §7 */ const x = 1;',
    `const x = 'TODO';`,
    '// TODOS are not meant',
  ])('so this is allowed: %s', (text) => expect(openWork(sources({ 'libs/a/b.ts': text }))).toEqual([]));

  it.each([
    '// TODO: later',
    '// TODO(ada)',
    '/* FIXME */',
    '/** Text. TODO */ function f() {}',
    'f(); // XXX',
    'function f() { /* HACK around it */ }',
  ])('so this is refused: %s', (text) => {
    expect(openWork(sources({ 'libs/a/b.ts': `\n${text}\n` }))).toEqual([
      expect.stringMatching(/^libs\/a\/b\.ts:2 (?:TODO|FIXME|XXX|HACK) without owner and reason/),
    ]);
  });
});

describe('no test is left out', () => {
  it('in the whole source', () => expect(focusedTests(tree)).toEqual([]));

  const inTest = (text: string): string[] => focusedTests(sources({ 'libs/a/b.spec.ts': text }));

  it.each([`it('x', f);`, `it.each([1])('x', f);`, `describe('x', () => list.skip(1));`])(
    'so this is allowed: %s',
    (text) => expect(inTest(text)).toEqual([]),
  );

  it.each([
    `it.only('x', f);`,
    `it.skip('x', f);`,
    `describe.only('x', f);`,
    `test.only.each([1])('x', f);`,
    `it.each([1]).skip('x', f);`,
    `(condition ? it : it.skip)('x', f);`,
    `it.todo('x');`,
    `fit('x', f);`,
    `xdescribe('x', f);`,
  ])('so this is refused: %s', (text) =>
    expect(inTest(text)).toEqual(['libs/a/b.spec.ts:1 leaves tests out']),
  );

  it.each(["it('x', () => console.log('Not tried: none'))", "it('x', () => tell(`Not tried: ${why}`))"])(
    'nor does one pass that tries nothing: %s',
    (text) => expect(inTest(text)).toEqual([expect.stringContaining('tries nothing and passes')]),
  );
});
