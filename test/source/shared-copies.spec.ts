import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itUnless } from '../support/not-tried.js';
import { ROOT } from './source-tree.js';

const SHARED = join(ROOT, '..', 'shared');

/** What differs between two folders, by relative path. */
function differences(ours: string, theirs: string): string[] {
  const list = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const paths = new Set([...list(ours), ...list(theirs)]);
  return [...paths].sort().flatMap((path) => {
    if (!existsSync(join(ours, path))) return [`${path} is missing here`];
    if (!existsSync(join(theirs, path))) return [`${path} is not in the original`];
    return readFileSync(join(ours, path)).equals(readFileSync(join(theirs, path))) ? [] : [`${path} differs`];
  });
}

describe('copies of shared tests', () => {
  for (const name of ['vectors', 'conformance', 'load', 'fixtures']) {
    const original = join(SHARED, name);
    const obstacle = existsSync(original) ? undefined : `${original} is not on this machine`;
    itUnless(obstacle, `test/${name} is the original, byte for byte`, () =>
      expect(differences(join(ROOT, 'test', name), original)).toEqual([]),
    );
  }

  it('are told from others by a byte, a missing and an additional file', () => {
    const [ours, theirs] = [mkdtempSync(join(tmpdir(), 'copy-')), mkdtempSync(join(tmpdir(), 'copy-'))];
    for (const folder of [ours, theirs]) writeFileSync(join(folder, 'same'), 'a');
    expect(differences(ours, theirs)).toEqual([]);
    writeFileSync(join(ours, 'changed'), 'a');
    writeFileSync(join(theirs, 'changed'), 'b');
    writeFileSync(join(ours, 'ours'), '');
    writeFileSync(join(theirs, 'theirs'), '');
    expect(differences(ours, theirs)).toEqual([
      'changed differs',
      'ours is not in the original',
      'theirs is missing here',
    ]);
    for (const folder of [ours, theirs]) rmSync(folder, { recursive: true });
  });
});
