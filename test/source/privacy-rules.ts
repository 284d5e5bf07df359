import ts from 'typescript';
import { importsOf, isTest, walk, type SourceFile } from './source-tree.js';

const LEVELS = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'verbose', 'log', 'level']);
const LOGGER = /(?:^|\.)(?:log|logger|pino|failures)\??$/i;
/** A field whose name the reader of the source cannot see. */
const UNKNOWN = '?';

/** Of the server; the console runs in a browser. */
const ofServer = (files: readonly SourceFile[]): SourceFile[] =>
  files.filter(({ path }) => !isTest(path) && !path.startsWith('apps/console/'));

/** Names of the fields that are given to a logger beside its message. */
export function loggedFields(files: readonly SourceFile[]): Set<string> {
  const fields = new Set<string>();
  for (const file of ofServer(files))
    walk(file.ast, (node) => {
      if (!ts.isCallExpression(node) || !isLogging(node.expression)) return;
      const [first, second] = node.arguments;
      // A message alone has no fields.
      if (!first || (!second && !ts.isObjectLiteralExpression(first))) return;
      for (const name of fieldsOf(first, file)) fields.add(name);
    });
  return fields;
}

function isLogging(callee: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(callee) && !ts.isElementAccessExpression(callee)) return false;
  const method = ts.isPropertyAccessExpression(callee)
    ? callee.name.text
    : callee.argumentExpression.getText();
  return LEVELS.has(method) && LOGGER.test(callee.expression.getText());
}

function fieldsOf(expression: ts.Expression, file: SourceFile): string[] {
  if (ts.isObjectLiteralExpression(expression))
    return expression.properties.flatMap((property) => {
      if (ts.isSpreadAssignment(property)) return fieldsOf(property.expression, file);
      return [property.name ? property.name.getText() : UNKNOWN];
    });
  if (ts.isParenthesizedExpression(expression)) return fieldsOf(expression.expression, file);
  if (ts.isBinaryExpression(expression)) return fieldsOf(expression.right, file);
  if (ts.isIdentifier(expression)) {
    const value = initializerOf(expression.text, file);
    return value ? fieldsOf(value, file) : [UNKNOWN];
  }
  // Texts, and Nest's way of adding a stack to one.
  return ts.isStringLiteralLike(expression) || ts.isTemplateExpression(expression) ? [] : [UNKNOWN];
}

function initializerOf(name: string, { ast }: SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  walk(ast, (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found ??= node.initializer;
  });
  return found;
}

/** Labels of everything that is counted: third argument of a Tally, `labelNames` of others. */
export function metricLabels(files: readonly SourceFile[]): Set<string> {
  const labels = new Set<string>();
  for (const { ast } of ofServer(files))
    walk(ast, (node) => {
      const list =
        ts.isNewExpression(node) && node.expression.getText() === 'Tally'
          ? node.arguments?.[2]
          : ts.isPropertyAssignment(node) && node.name.getText() === 'labelNames'
            ? node.initializer
            : undefined;
      if (!list || !ts.isArrayLiteralExpression(list)) return;
      for (const label of list.elements)
        if (!ts.isSpreadElement(label)) labels.add(ts.isStringLiteral(label) ? label.text : UNKNOWN);
    });
  return labels;
}

const ATTRIBUTE = /^(?:[a-z]+\.)+[a-z_]+$/;
const SPANS = /tracing\/(?:spans|tracing)\b|^\.\/spans/;

/** Attributes of spans, in files that make some: dotted names in objects, and what is set by itself. */
export function spanAttributes(files: readonly SourceFile[]): Set<string> {
  const names = new Set<string>();
  for (const file of ofServer(files)) {
    const isTraced = file.path.startsWith('libs/tracing/');
    if (!isTraced && !importsOf(file).some(({ specifier }) => SPANS.test(specifier))) continue;
    walk(file.ast, (node) => {
      const name = ts.isPropertyAssignment(node)
        ? node.name
        : ts.isCallExpression(node) && node.expression.getText().endsWith('.setAttribute')
          ? node.arguments[0]
          : undefined;
      if (name && ts.isStringLiteral(name) && ATTRIBUTE.test(name.text)) names.add(name.text);
    });
  }
  return names;
}

/** Names of members of all objects that are written down in a file, but those of `leftOut` variables. */
export function writtenMembers({ ast }: SourceFile, leftOut: readonly string[] = []): Set<string> {
  const names = new Set<string>();
  walk(ast, (node) => {
    if (!ts.isPropertyAssignment(node) && !ts.isShorthandPropertyAssignment(node)) return;
    const { parent } = node.parent;
    if (ts.isVariableDeclaration(parent) && leftOut.includes(parent.name.getText())) return;
    names.add(node.name.getText());
  });
  return names;
}

/** What keys in Redis begin with, after the prefix of the community. */
export function redisKeys(files: readonly SourceFile[]): Set<string> {
  const keys = new Set<string>();
  for (const { text } of ofServer(files))
    for (const [, name] of text.matchAll(/\$\{(?:redis\.)?keyPrefix\}([a-z]+:?)/g)) keys.add(name!);
  return keys;
}
