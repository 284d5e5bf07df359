import ts from 'typescript';
import { complain, isTest, walk, type Complaints, type SourceFile } from './source-tree.js';

const FILE_LINES_MAX = 250;
const SPEC_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
const SUITE_CALLS = new Set(['describe', 'it', 'test', 'beforeEach', 'beforeAll', 'afterEach', 'afterAll']);

export function fileLengths(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length;
    const most = /\.(?:spec|e2e-spec|contract)\.ts$/.test(file.path) ? SPEC_LINES_MAX : FILE_LINES_MAX;
    return lines > most ? [complain(file, undefined, `has ${lines} lines, at most ${most} are allowed`)] : [];
  });
}

/** Counts from the first line of a function to its last, documentation above it left out. Suites of tests are no functions. */
export function functionLengths(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) => {
    const complaints: Complaints = [];
    walk(file.ast, (node) => {
      if (!ts.isFunctionLike(node) || (isTest(file.path) && isSuite(node))) return;
      const first = file.ast.getLineAndCharacterOfPosition(node.getStart(file.ast)).line;
      const lines = file.ast.getLineAndCharacterOfPosition(node.end).line - first + 1;
      if (lines <= FUNCTION_LINES_MAX) return;
      const name = node.name?.getText(file.ast) ?? 'a function';
      complaints.push(
        complain(file, node, `${name} has ${lines} lines, at most ${FUNCTION_LINES_MAX} are allowed`),
      );
    });
    return complaints;
  });
}

function isSuite(node: ts.Node): boolean {
  let found = false;
  walk(node, (inner) => {
    if (ts.isCallExpression(inner) && SUITE_CALLS.has(rootName(inner))) found = true;
  });
  return found;
}

/** `it.each(table)('…')` → `it`. */
export function rootName(node: ts.Expression): string {
  let at = node;
  while (ts.isCallExpression(at) || ts.isPropertyAccessExpression(at) || ts.isTaggedTemplateExpression(at)) {
    at = ts.isTaggedTemplateExpression(at) ? at.tag : at.expression;
  }
  return ts.isIdentifier(at) ? at.text : '';
}
