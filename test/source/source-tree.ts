import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** The text of the project, parsed once per spec file. Rules are functions from files to complaints. */
export interface SourceFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

/** A rule that was broken, as `file:line what is wrong`; none if all is well. */
export type Complaints = string[];
export type Rule = (files: readonly SourceFile[]) => Complaints;

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file in the project that a relative specifier means, with the ending it has on disk (`.ts`, `.tsx`). */
  readonly target: string | undefined;
  readonly node: ts.Node;
}

export const ROOT = join(__dirname, '..', '..');
const FOLDERS = ['apps', 'libs', 'test'];
/** Generated, or copies of what others own (held by shared-copies.spec.ts). */
const LEFT_OUT = [
  'libs/storage/generated',
  'test/vectors',
  'test/vectors-own',
  'test/conformance',
  'test/fixtures',
];

/** Every TypeScript file of ours. */
export function readSourceTree(): SourceFile[] {
  return FOLDERS.flatMap(listFiles)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

function listFiles(folder: string): string[] {
  if (LEFT_OUT.includes(folder) || !existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

/** A made-up tree, to show what a rule refuses. */
export const sources = (files: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(files).map(([path, text]) => parseSource(path, text));

function parseSource(path: string, text: string): SourceFile {
  return { path, text, ast: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

export const isTest = (path: string): boolean =>
  path.startsWith('test/') || /\.(?:spec|e2e-spec|contract)\.tsx?$/.test(path);

export function complain(file: SourceFile, node: ts.Node | undefined, message: string): string {
  const at = node ? node.getStart(file.ast) : 0;
  return `${file.path}:${file.ast.getLineAndCharacterOfPosition(at).line + 1} ${message}`;
}

/** Calls `visit` for every node, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Whatever loads another module: import, export from, import(), require(), import('…') as a type. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  walk(file.ast, (node) => {
    const literal = moduleLiteral(node);
    if (!literal) return;
    found.push({ specifier: literal.text, target: targetOf(file.path, literal.text), node });
  });
  return found;
}

function moduleLiteral(node: ts.Node): ts.StringLiteralLike | undefined {
  let literal: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) literal = node.moduleSpecifier;
  else if (ts.isExternalModuleReference(node)) literal = node.expression;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) literal = node.argument.literal;
  else if (ts.isCallExpression(node) && loadsModule(node.expression)) literal = node.arguments[0];
  return literal && ts.isStringLiteralLike(literal) ? literal : undefined;
}

function loadsModule(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  const name = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  return ts.isIdentifier(name) && name.text === 'require';
}

export function targetOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js(x?)$/, '.ts$1');
}
