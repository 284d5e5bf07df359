import { posix } from 'node:path';
import ts from 'typescript';
import { complain, walk, type Complaints, type SourceFile } from './source-tree.js';

const BANNED_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'misc'];
const ROLES = [
  'handler',
  'service',
  'repository',
  'processor',
  'controller',
  'module',
  'schema',
  'command',
  'contract',
];
const TEST_ROLES = ['spec', 'e2e-spec'];
const KEBAB = '[a-z0-9]+(?:-[a-z0-9]+)*';
const FOLDER_NAME = new RegExp(`^${KEBAB}$`);
const FILE_NAME = new RegExp(
  `^${KEBAB}(?:\\.(?:${ROLES.join('|')}))?(?:\\.(?:${TEST_ROLES.join('|')}))?(?:\\.d)?\\.tsx?$`,
);

/** Default exports that a tool demands. */
export const DEFAULT_EXPORTS: Readonly<Record<string, string>> = {
  'test/support/scratch-postgres.ts': "Jest's globalSetup",
  'test/support/scratch-postgres-stop.ts': "Jest's globalTeardown",
};

/** Kebab-case, with a known role if any; no name that says nothing; no barrel. */
export function fileNames(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) => {
    const name = posix.basename(file.path);
    const folders = posix.dirname(file.path).split('/');
    const complaints: Complaints = [];
    if (!FILE_NAME.test(name) || !folders.every((folder) => FOLDER_NAME.test(folder))) {
      complaints.push(complain(file, undefined, `is not kebab-case with a known role (${ROLES.join(', ')})`));
    }
    if (/^index\.tsx?$/.test(name))
      complaints.push(complain(file, undefined, 'is a barrel: import from the file itself'));
    const words = [...folders, ...name.split('.')].flatMap((part) => part.split('-'));
    for (const word of words.filter((each) => BANNED_WORDS.includes(each))) {
      complaints.push(complain(file, undefined, `says "${word}": name it after what it does`));
    }
    return complaints;
  });
}

/** No declaration called utils, SomethingHelper and the like, and no `I` before the name of an interface. */
export function identifierNames(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) => {
    const complaints: Complaints = [];
    walk(file.ast, (node) => {
      const name = declaredName(node);
      if (!name) return;
      const word = lastWord(name.text);
      if (BANNED_WORDS.includes(word)) {
        complaints.push(complain(file, name, `${name.text} says "${word}": name it after what it does`));
      }
      if (ts.isInterfaceDeclaration(node) && /^I[A-Z][a-z]/.test(name.text)) {
        complaints.push(complain(file, name, `${name.text}: interfaces have no I before their name`));
      }
    });
    return complaints;
  });
}

function declaredName(node: ts.Node): ts.Identifier | undefined {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isNamespaceImport(node) ||
    ts.isImportClause(node);
  return declares && node.name && ts.isIdentifier(node.name) ? node.name : undefined;
}

/** `stringUtils` → `utils`, `TEST_HELPERS` → `helpers`. */
const lastWord = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .split('_')
    .findLast((word) => word !== '')
    ?.toLowerCase() ?? '';

/** What is exported has one name everywhere. */
export function defaultExports(files: readonly SourceFile[], allowed = DEFAULT_EXPORTS): Complaints {
  return files
    .filter(({ path }) => !Object.hasOwn(allowed, path))
    .flatMap((file) => {
      const complaints: Complaints = [];
      walk(file.ast, (node) => {
        if (exportsDefault(node)) complaints.push(complain(file, node, 'has a default export'));
      });
      return complaints;
    });
}

function exportsDefault(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}
