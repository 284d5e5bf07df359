import ts from 'typescript';
import { rootName } from './size-rules.js';
import {
  complain,
  importsOf,
  isTest,
  targetOf,
  walk,
  type Complaints,
  type SourceFile,
} from './source-tree.js';

const ENTRY_POINT = /^apps\/[^/]+\/src\/main\.tsx?$/;

/**
 * Files of apps/ and libs/ that nothing refers to. An import counts, and so does any relative path in a string
 * (the file of a worker thread). `mentions`: text such as package.json, where `dist/….js` makes an entry point.
 */
export function deadFiles(files: readonly SourceFile[], mentions = ''): Complaints {
  const used = new Set<string | undefined>();
  for (const file of files) {
    for (const { target } of importsOf(file)) used.add(target);
    walk(file.ast, (node) => {
      if (ts.isStringLiteralLike(node)) used.add(targetOf(file.path, node.text));
    });
  }
  for (const [, path] of mentions.matchAll(/dist\/([\w./-]+)\.js\b/g)) used.add(`${path}.ts`);
  return files
    .filter(({ path }) => !isTest(path) || path.endsWith('.contract.ts'))
    .filter(({ path }) => !ENTRY_POINT.test(path) && !path.endsWith('.d.ts') && !used.has(path))
    .map((file) => complain(file, undefined, 'is dead: nothing imports it'));
}

const OPEN_WORK = /\b(?:TODO|FIXME|XXX|HACK)\b(?!\([a-z][\w.-]*\): \S)/;

/** `TODO(owner): reason`, or not at all. */
export function openWork(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) =>
    commentsOf(file).flatMap(({ pos, end }) => {
      const found = OPEN_WORK.exec(file.text.slice(pos, end));
      if (!found) return [];
      const line = file.ast.getLineAndCharacterOfPosition(pos + found.index).line + 1;
      return [`${file.path}:${line} ${found[0]} without owner and reason, write ${found[0]}(owner): reason`];
    }),
  );
}

function commentsOf({ ast, text }: SourceFile): ts.CommentRange[] {
  const found = new Map<number, ts.CommentRange>();
  const collect = (node: ts.Node): void => {
    const children = node.getChildren(ast).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) return children.forEach(collect);
    const around = [ts.getLeadingCommentRanges(text, node.pos), ts.getTrailingCommentRanges(text, node.end)];
    for (const range of around.flatMap((ranges) => ranges ?? [])) found.set(range.pos, range);
  };
  collect(ast);
  return [...found.values()];
}

const FOCUSED = new Set(['fit', 'fdescribe', 'xit', 'xtest', 'xdescribe']);
const TESTS = new Set(['it', 'test', 'describe']);
const FOCUSING = new Set(['only', 'skip', 'todo', 'failing']);

/** Where what a machine cannot carry is left out, with the reason. */
const NOT_TRIED = 'test/support/not-tried.ts';
const UNTRIED = /^Not (?:tried|compared)\b/;

/** No test is left out, none leaves the others out, and none counts as passed that tried nothing. */
export function focusedTests(files: readonly SourceFile[]): Complaints {
  return files
    .filter(({ path }) => isTest(path) && path !== NOT_TRIED)
    .flatMap((file) => {
      const complaints: Complaints = [];
      walk(file.ast, (node) => {
        const isFocus =
          (ts.isPropertyAccessExpression(node) &&
            FOCUSING.has(node.name.text) &&
            TESTS.has(rootName(node))) ||
          (ts.isCallExpression(node) && FOCUSED.has(rootName(node)));
        if (isFocus) complaints.push(complain(file, node, 'leaves tests out'));
        if ((ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) && UNTRIED.test(node.text))
          complaints.push(complain(file, node, `tries nothing and passes: see ${NOT_TRIED}`));
      });
      return complaints;
    });
}
