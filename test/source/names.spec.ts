import { defaultExports, fileNames, identifierNames } from './naming-rules.js';
import { readSourceTree, sources } from './source-tree.js';

const tree = readSourceTree();

describe('file names', () => {
  it('are kebab-case with a known role, and say something', () => expect(fileNames(tree)).toEqual([]));

  it.each([
    'libs/onion-gateway/onion-v4.ts',
    'libs/community/room.service.ts',
    'libs/community/room.service.spec.ts',
    'libs/coordination/nonce-store.contract.ts',
    'libs/crypto/sodium-native.d.ts',
    'test/e2e/rooms.e2e-spec.ts',
    'apps/console/src/parts/room-avatar.tsx',
  ])('may be %s', (path) => expect(fileNames(sources({ [path]: '' }))).toEqual([]));

  it.each([
    'libs/community/RoomService.ts',
    'libs/community/room_service.ts',
    'libs/community/roomService.ts',
    'libs/community/room.manager.ts',
    'libs/community/room.test.ts',
    'libs/community/ReadModels/room.ts',
    'libs/protocol/index.ts',
    'apps/console/src/parts/RoomAvatar.tsx',
    'libs/protocol/utils.ts',
    'libs/protocol/string-utils.ts',
    'libs/common/time.ts',
    'test/support/helpers.ts',
    'libs/protocol/misc.spec.ts',
  ])('may not be %s', (path) =>
    expect(fileNames(sources({ [path]: '' }))).toEqual([expect.stringContaining(`${path}:1 `)]),
  );
});

describe('names in the source', () => {
  it('say something, and interfaces have no I', () => expect(identifierNames(tree)).toEqual([]));

  it.each([
    'const commonRooms = 1;',
    'interface InboxRow {}',
    'interface IPAddress {}',
    'interface Id {}',
    'type Item = string;',
    'const helperless = 1;',
  ])('may be: %s', (text) => expect(identifierNames(sources({ 'libs/a/b.ts': text }))).toEqual([]));

  it.each([
    'const utils = {};',
    'class StringUtils {}',
    'function makeHelper() {}',
    'const TEST_HELPERS = 1;',
    `import * as helpers from './x.js';`,
    `import misc from './x.js';`,
    'namespace Common {}',
    'interface IRoom {}',
  ])('may not be: %s', (text) => {
    expect(identifierNames(sources({ 'libs/a/b.ts': text }))).toEqual([
      expect.stringMatching(/^libs\/a\/b\.ts:1 /),
    ]);
  });
});

describe('default exports', () => {
  it('exist only where a tool demands them', () => expect(defaultExports(tree)).toEqual([]));

  it('are allowed by file', () => {
    const files = sources({ 'test/support/setup.ts': 'export default async () => {};' });
    expect(defaultExports(files, { 'test/support/setup.ts': "Jest's globalSetup" })).toEqual([]);
    expect(defaultExports(files, {})).toEqual(['test/support/setup.ts:1 has a default export']);
  });

  it.each([
    'export default class Room {}',
    'export default function open() {}',
    'const x = 1; export default x;',
    'const x = 1; export { x as default };',
    'const x = 1; export = x;',
    `export { default } from './x.js';`,
  ])('are refused: %s', (text) => expect(defaultExports(sources({ 'libs/a/b.ts': text }))).toHaveLength(1));
});
