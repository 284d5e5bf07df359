import {
  environmentReaders,
  handlersKnowServices,
  importDirections,
  OWNER_EXCEPTIONS,
  packageOwners,
} from './import-rules.js';
import { readSourceTree, sources } from './source-tree.js';

const tree = readSourceTree();
const importing = (path: string, specifier: string) =>
  sources({ [path]: `import { x } from '${specifier}';` });

describe('imports point down only', () => {
  it('in the whole source', () => expect(importDirections(tree)).toEqual([]));

  it.each([
    ['apps/api/src/handlers/rooms.handler.ts', '../../../../libs/community/room.service.js'],
    ['apps/cli/src/room.ts', '../../../libs/storage/room.repository.js'],
    ['libs/community/room.service.ts', '../storage/room.repository.js'],
    ['libs/community/read-models/room.ts', '../../coordination/change-bus.js'],
    ['libs/auth/authenticator.ts', '../crypto/ed25519.js'],
    ['libs/auth/authenticator.spec.ts', '../../test/support/keys.js'],
    ['apps/api/src/worker-inside.ts', '../../worker/src/kept-worker.js'],
    ['apps/cli/src/own-worker.ts', '../../worker/src/worker.js'],
  ])('allows %s to import %s', (path, specifier) =>
    expect(importDirections(importing(path, specifier))).toEqual([]),
  );

  it.each([
    ['libs/protocol/wire.ts', '../config/config.js', 'libs/protocol must not import libs/config'],
    ['libs/crypto/ed25519.ts', '../protocol/ids.js', 'libs/crypto must not import libs/protocol'],
    ['libs/auth/ports.ts', '../storage/user.repository.js', 'libs/auth must not import libs/storage'],
    ['libs/storage/pool.ts', '../community/room.service.js', 'libs/storage must not import libs/community'],
    [
      'libs/storage/pool.ts',
      '../coordination/change-bus.js',
      'libs/storage must not import libs/coordination',
    ],
    ['libs/coordination/bus.ts', '../crypto/random.js', 'libs/coordination must not import libs/crypto'],
    [
      'libs/community/room.service.ts',
      '../onion-gateway/envelope.js',
      'libs/community must not import libs/onion-gateway',
    ],
    [
      'libs/community/room.service.ts',
      '../../apps/api/src/main.js',
      'libs/community must not import apps/api',
    ],
    [
      'apps/api/src/http/server.ts',
      '../../../worker/src/schedule.js',
      'apps/api must not import apps/worker',
    ],
    ['apps/cli/src/room.command.ts', '../../worker/src/worker.js', 'apps/cli must not import apps/worker'],
    ['apps/worker/src/schedule.ts', '../../api/src/api.module.js', 'apps/worker must not import apps/api'],
    [
      'apps/console/src/app.tsx',
      '../../../libs/protocol/ids.js',
      'apps/console must not import libs/protocol',
    ],
    ['libs/auth/ports.ts', '../../test/support/keys.js', 'source must not import a test'],
    ['libs/auth/ports.ts', './signature.spec.js', 'source must not import a test'],
    ['libs/shared/things.ts', './other.js', 'libs/shared has no place in the house'],
  ])('refuses %s importing %s', (path, specifier, complaint) => {
    expect(importDirections(importing(path, specifier))).toEqual([
      expect.stringContaining(`${path}:1 ${complaint}`),
    ]);
  });

  it.each([
    `export { x } from '../storage/pool.js';`,
    `export * from '../storage/pool.js';`,
    `import type { X } from '../storage/pool.js';`,
    `import '../storage/pool.js';`,
    `const x = await import('../storage/pool.js');`,
    `const x = require('../storage/pool.js');`,
    `const x = require.resolve('../storage/pool.js');`,
    `import x = require('../storage/pool.js');`,
    `let x: import('../storage/pool.js').Pool;`,
  ])('sees through %s', (text) => {
    expect(importDirections(sources({ 'libs/auth/x.ts': text }))).toHaveLength(1);
  });
});

describe('handlers know services, never repositories', () => {
  it('in the whole source', () => expect(handlersKnowServices(tree)).toEqual([]));

  it('so a handler may import a service', () => {
    const path = 'apps/api/src/handlers/rooms.handler.ts';
    expect(handlersKnowServices(importing(path, '../../../../libs/community/room.service.js'))).toEqual([]);
  });

  it.each(['handlers/rooms.handler.ts', 'admin/rooms.controller.ts'])(
    'so %s may not import a repository',
    (file) => {
      const path = `apps/api/src/${file}`;
      expect(handlersKnowServices(importing(path, '../../../../libs/storage/room.repository.js'))).toEqual([
        `${path}:1 a handler must not import a repository (libs/storage/room.repository.ts)`,
      ]);
    },
  );
});

describe('a technology has one importer', () => {
  it('in the whole source', () => expect(packageOwners(tree)).toEqual([]));

  it('with exceptions that give their reason', () => {
    for (const { why } of OWNER_EXCEPTIONS) expect(why).toMatch(/\w+ \w+/);
  });

  it.each([
    ['libs/crypto/ed25519.ts', 'sodium-native'],
    ['libs/crypto/onion/aes.ts', 'node:crypto'],
    ['libs/storage/pool.ts', 'pg'],
    ['libs/storage/prisma.ts', './generated/client.js'],
    ['apps/api/src/http/server.ts', 'fastify'],
    ['libs/coordination/redis-client.ts', 'ioredis'],
    ['apps/api/src/main.ts', '@nestjs/platform-fastify'],
    ['libs/auth/authenticator.spec.ts', 'node:crypto'],
  ])('so %s may use %s', (path, name) => expect(packageOwners(importing(path, name), [])).toEqual([]));

  it.each([
    ['libs/auth/authenticator.ts', 'sodium-native', 'libs/crypto/'],
    ['libs/auth/authenticator.ts', '@noble/curves/ed25519.js', 'libs/crypto/'],
    ['libs/community/room.service.ts', 'node:crypto', 'libs/crypto/'],
    ['libs/community/room.service.ts', 'crypto', 'libs/crypto/'],
    ['libs/community/room.service.ts', 'pg', 'libs/storage/'],
    ['libs/community/room.service.ts', '@prisma/client/runtime', 'libs/storage/'],
    ['apps/api/src/handlers/rooms.handler.ts', 'fastify', 'apps/api/src/http/'],
    ['libs/coordination/redis-nonce-store.ts', 'ioredis', 'libs/coordination/redis-client.ts'],
    ['apps/worker/src/main.ts', '@nestjs/platform-fastify', 'apps/api/src/http/'],
    ['libs/community/files.service.ts', '@aws-sdk/client-s3', 'libs/storage/'],
    ['libs/community/transfer/import.ts', 'node:sqlite', 'libs/storage/'],
    ['libs/community/transfer/import.ts', 'pg-copy-streams', 'libs/storage/'],
  ])('so %s may not use %s', (path, name, owner) => {
    expect(packageOwners(importing(path, name), [])).toEqual([`${path}:1 only ${owner} may use ${name}`]);
  });

  it('and the generated client counts as Prisma', () => {
    const path = 'libs/community/room.service.ts';
    expect(packageOwners(importing(path, '../storage/generated/client.js'), [])).toHaveLength(1);
  });

  it('and the global crypto counts as node:crypto', () => {
    const of = (text: string) => packageOwners(sources({ 'libs/auth/x.ts': text }), []);
    expect(of('crypto.getRandomValues(bytes)')).toHaveLength(1);
    expect(of('await globalThis.crypto.subtle.digest("SHA-256", bytes)')).toHaveLength(1);
    expect(of('verify(crypto.ed25519, bytes); options.crypto.sign(bytes)')).toEqual([]);
  });

  it('and an exception holds for its file and package only, and only while it is needed', () => {
    const exceptions = [
      { path: 'libs/storage/migrations.ts', uses: 'node:crypto', why: 'checksums of files' },
    ];
    expect(packageOwners(importing('libs/storage/migrations.ts', 'node:crypto'), exceptions)).toEqual([]);
    expect(
      packageOwners(importing('libs/storage/migrations.ts', '@noble/hashes/sha2.js'), exceptions),
    ).toEqual([
      'libs/storage/migrations.ts:1 only libs/crypto/ may use @noble/hashes/sha2.js',
      'libs/storage/migrations.ts no longer uses node:crypto: drop the exception',
    ]);
  });
});

describe('only libs/config reads process.env', () => {
  it('in the whole source', () => expect(environmentReaders(tree)).toEqual([]));

  const reading = (text: string, path = 'libs/storage/pool.ts') =>
    environmentReaders(sources({ [path]: text }));

  it('so libs/config may, and a test that starts programs', () => {
    expect(reading('process.env.PORT', 'libs/config/load-config.ts')).toEqual([]);
    expect(reading('process.env.PATH', 'test/support/scratch-postgres.ts')).toEqual([]);
  });

  it.each([
    'const port = process.env.PORT;',
    `const port = process['env'].PORT;`,
    'const { env } = process;',
    'const { env: settings } = process;',
    `import { env } from 'node:process';`,
    'globalThis.process.env.PORT;',
  ])('so nobody else may: %s', (text) => {
    expect(reading(text)).toEqual(['libs/storage/pool.ts:1 only libs/config reads process.env']);
  });

  it('and other things called env are not meant', () => {
    expect(reading(`const { env } = options; run({ env }); import { env } from './process.js';`)).toEqual([]);
  });
});
