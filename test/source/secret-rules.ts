import ts from 'typescript';
import { complain, isTest, walk, type Complaints, type SourceFile } from './source-tree.js';

/** What is worth guessing byte by byte: by the last word of a name. */
const SECRET =
  /(?:secret|token|password|passphrase|proof|mac|signature|privateKey|seed|csrf|cookie|hash|digest|confirmation)$/i;
const EQUALITY = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);
const BYTES = new Set(['equals', 'compare']);

/** Where the other side learns nothing by measuring, each with its reason. One that is no longer needed is a complaint too. */
export const COMPARED_FREELY: readonly { path: string; text: string; why: string }[] = [
  {
    path: 'apps/api/src/http/pages/page-assets.ts',
    text: "new URLSearchParams(request.rawQuery).get('v') === asset.hash",
    why: 'the version of a style sheet, which every page names',
  },
  {
    path: 'libs/community/backup/backup-frames.ts',
    text: 'before.equals(box.subarray(-DIGEST_BYTES))',
    why: 'a digest without a key, of a file on the operator’s disk: it finds damage, not forgeries',
  },
  {
    path: 'libs/community/posts.service.ts',
    text: 'data.equals(message.data)',
    why: 'two versions of a message, by its author',
  },
  {
    path: 'libs/community/transfer/merge.ts',
    text: 'found.digest !== digest',
    why: 'what an operator’s import wrote, held against what it read',
  },
  {
    path: 'libs/community/transfer/rooms/archive-look.ts',
    text: "row['token'] !== this.head.token",
    why: 'the name of a room, twice in one file',
  },
  {
    path: 'libs/community/transfer/sogs/sogs-import.ts',
    text: 'found.digest !== written.digest',
    why: 'what an operator’s import wrote, held against what it read',
  },
  {
    path: 'libs/crypto/noble-backend.ts',
    text: 'rBytes.equals(R.toBytes())',
    why: 'a signature is checked with public values alone',
  },
];

/**
 * Secrets are compared in constant time (`constantTimeEqual` of libs/crypto), since the time that === takes tells how
 * much of a guess is right. Bytes are never compared by `equals` but where an exception says why.
 */
export function secretComparisons(
  files: readonly SourceFile[],
  exceptions: typeof COMPARED_FREELY = COMPARED_FREELY,
): Complaints {
  const needed = new Set<unknown>();
  const complaints = files
    .filter(({ path }) => !isTest(path) && !path.startsWith('apps/console/'))
    .flatMap((file) => {
      const found: Complaints = [];
      walk(file.ast, (node) => {
        if (!comparesSecret(node)) return;
        const text = node.getText(file.ast);
        const exception = exceptions.find((each) => each.path === file.path && each.text === text);
        if (exception) needed.add(exception);
        else found.push(complain(file, node, `compares in a time that tells: ${text}`));
      });
      return found;
    });
  const spare = exceptions.filter((exception) => !needed.has(exception));
  return [
    ...complaints,
    ...spare.map(({ path, text }) => `${path} no longer has ${text}: drop the exception`),
  ];
}

function comparesSecret(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node))
    return (
      EQUALITY.has(node.operatorToken.kind) &&
      [node.left, node.right].some(isSecret) &&
      ![node.left, node.right].some(isKnown)
    );
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    BYTES.has(node.expression.name.text) &&
    !node.arguments.some(isKnown)
  );
}

function isSecret(side: ts.Expression): boolean {
  const name = ts.isPropertyAccessExpression(side)
    ? side.name.text
    : ts.isIdentifier(side)
      ? side.text
      : ts.isCallExpression(side)
        ? side.expression.getText().split('.').at(-1)!
        : '';
  return SECRET.test(name);
}

/** A literal, undefined, null, or a constant of ours: nobody's secret. */
const isKnown = (side: ts.Expression): boolean =>
  ts.isLiteralExpression(side) ||
  side.kind === ts.SyntaxKind.NullKeyword ||
  (ts.isIdentifier(side) && (side.text === 'undefined' || /^[A-Z][A-Z0-9_]*$/.test(side.text)));
