import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKeyFile, readKeyFile } from './key-file.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plaza-key-'));
  path = join(folder, 'secrets', 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a new key file', () => {
  it('holds the key, for its owner alone, and nothing is left beside it', async () => {
    const key = randomBytes(32);
    expect(await makeKeyFile(path, key)).toEqual(key);
    expect(readFileSync(path)).toEqual(key);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('400');
    expect(readdirSync(join(folder, 'secrets'))).toEqual(['key']);
  });

  it('never replaces one that is there', async () => {
    const first = randomBytes(32);
    await makeKeyFile(path, first);
    expect(await makeKeyFile(path, randomBytes(32))).toEqual(first);
    expect(await readKeyFile(path)).toEqual(first);
  });

  it('is one and the same for all that make it at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => makeKeyFile(path, randomBytes(32))));
    for (const key of keys) expect(key).toEqual(readFileSync(path));
    expect(readdirSync(join(folder, 'secrets'))).toEqual(['key']);
  });
});
