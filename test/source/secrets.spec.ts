import { secretComparisons } from './secret-rules.js';
import { readSourceTree, sources } from './source-tree.js';

const tree = readSourceTree();

describe('secrets are compared in constant time', () => {
  it('in the whole source', () => expect(secretComparisons(tree)).toEqual([]));

  const inSource = (text: string): string[] => secretComparisons(sources({ 'libs/a/b.ts': text }), []);

  it.each([
    `if (token === undefined) f();`,
    `const ok = secret.length === 32;`,
    `if (role === 'admin') f();`,
    `if (!bytes.equals(MAGIC)) f();`,
    `crypto.constantTimeEqual(token, expected);`,
  ])('so this is allowed: %s', (text) => expect(inSource(text)).toEqual([]));

  it.each([
    `if (token === expected) f();`,
    `if (expected !== row.secretHash) f();`,
    `if (given == this.proofOf(key)) f(); const x = csrfToken !== request.headers['x-csrf-token'];`,
    `const same = a.equals(b);`,
    `const same = Buffer.compare(mac, given) === 0;`,
    `const same = webhook.secret === given;`,
  ])('so this is refused: %s', (text) => {
    expect(inSource(text)).toContainEqual(
      expect.stringMatching(/^libs\/a\/b\.ts:1 compares in a time that tells: /),
    );
  });

  it('so an exception is one for as long as it is needed', () => {
    const exception = { path: 'libs/a/b.ts', text: 'a.equals(b)', why: 'both are public' };
    expect(secretComparisons(sources({ 'libs/a/b.ts': 'a.equals(b);' }), [exception])).toEqual([]);
    expect(secretComparisons(sources({ 'libs/a/b.ts': '' }), [exception])).toEqual([
      'libs/a/b.ts no longer has a.equals(b): drop the exception',
    ]);
  });
});
