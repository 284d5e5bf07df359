import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobStore, listed } from './blob-store.contract.js';
import { FolderBlobStore } from './folder-blob-store.js';
import { FilesUnavailableError } from './storage-errors.js';

let scratch: string;
let folder: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'plaza-blobs-'));
  folder = join(scratch, 'deep', 'files');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(scratch, { recursive: true, force: true });
});

describeBlobStore('a folder', async () => new FolderBlobStore(folder));

const bytes = Buffer.from('bytes');
const inFolder = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

describe('a folder', () => {
  it('holds a file per blob, in folders by the last byte of the id', async () => {
    const store = new FolderBlobStore(folder);
    for (const id of [0, 255, 256, 1234]) await store.put(id, bytes);
    expect(inFolder().sort()).toEqual(['00/0', '00/256', 'd2/1234', 'ff/255']);
    expect(readFileSync(join(folder, 'd2', '1234'))).toEqual(bytes);
  });

  it('is for its owner alone, with all that is in it', async () => {
    await new FolderBlobStore(folder).put(1, bytes);
    const modes = [folder, join(folder, '01'), join(folder, '01', '1')].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('lists no file that is not its own', async () => {
    const store = new FolderBlobStore(folder);
    await store.put(5, bytes);
    for (const path of [
      '05/6',
      '05/05',
      '05/x',
      '05/5.bak',
      '5/5',
      'zz/5',
      'd2/99999999999999999999',
      'note',
    ])
      put(path);
    mkdirSync(join(folder, '0a', '10'), { recursive: true });
    expect((await listed(store)).map(({ id }) => id)).toEqual([5]);
  });

  it('loses what interrupted writes left behind, once it is old, and nothing else', async () => {
    const store = new FolderBlobStore(folder);
    await store.put(5, bytes);
    const old = ['05/261.77-3.new', 'note.json.77-4.new', '05/mine.new', '05/5'];
    for (const path of [...old, '06/6.77-5.new']) put(path);
    for (const path of old) utimesSync(join(folder, path), 1000, 1000);
    await store.removeUnfinished(2000);
    expect(inFolder().sort()).toEqual(['05/5', '05/mine.new', '06/6.77-5.new']);
  });

  it('asks the disk for the time, whatever the own clock says, and makes no folder for it', async () => {
    const store = new FolderBlobStore(folder);
    jest.spyOn(Date, 'now').mockReturnValue(5_000);
    expect(await store.now()).toBe(5);
    expect(existsSync(folder)).toBe(false);
    await store.put(5, bytes);
    expect(await store.now()).toBeCloseTo(statSync(join(folder, '05/5')).mtimeMs / 1000, -2);
    expect(inFolder()).toEqual(['05/5']);
  });

  it('leaves no draft behind', async () => {
    const store = new FolderBlobStore(folder);
    mkdirSync(join(folder, '07', '7'), { recursive: true }); // no file can take this place
    await expect(store.put(7, bytes)).rejects.toThrow(FilesUnavailableError);
    expect(inFolder()).toEqual([]);
  });

  it.each([
    ['a file that is a link', '07/7', '07', 'secret'],
    ['a folder that is a link', '07', '', 'elsewhere'],
  ])('never reads, lists or writes through %s', async (_, link, within, to) => {
    const store = new FolderBlobStore(folder);
    mkdirSync(join(scratch, 'elsewhere'));
    for (const path of ['secret', 'elsewhere/7']) writeFileSync(join(scratch, path), 'a private key');
    mkdirSync(join(folder, within), { recursive: true });
    symlinkSync(join(scratch, to), join(folder, link));
    for (const reading of [() => store.get(7), () => store.openStream(7), () => store.sizeOf(7)])
      await expect(reading()).rejects.toThrow(/^.*\/files\/07(\/7)? is a link or another thing than a file/);
    expect(await listed(store).catch(() => [])).toEqual([]);
    await store.put(7, bytes).catch(() => undefined);
    for (const path of ['secret', 'elsewhere/7'])
      expect(readFileSync(join(scratch, path), 'utf8')).toBe('a private key');
  });

  it('does not wait for what is no file', async () => {
    const store = new FolderBlobStore(folder);
    mkdirSync(join(folder, '07', '7'), { recursive: true });
    await expect(store.openStream(7)).rejects.toThrow(FilesUnavailableError);
    mkdirSync(join(folder, '08'));
    execFileSync('mkfifo', [join(folder, '08', '8')]);
    await expect(store.get(8)).rejects.toThrow(/is a link or another thing than a file/);
  });

  it('may be a link itself: an operator puts it onto another disk', async () => {
    mkdirSync(join(scratch, 'disk'));
    mkdirSync(join(scratch, 'deep'));
    symlinkSync(join(scratch, 'disk'), folder);
    const store = new FolderBlobStore(folder);
    await store.put(7, bytes);
    expect(await store.get(7)).toEqual(bytes);
    expect(existsSync(join(scratch, 'disk', '07', '7'))).toBe(true);
  });

  it('says which folder cannot be used, and why', async () => {
    mkdirSync(join(scratch, 'deep'));
    writeFileSync(folder, 'a file');
    const store = new FolderBlobStore(folder);
    const refused =
      /^The folder .*\/deep\/files cannot be used \(E[A-Z]+\)\. Check that the disk is there, and who owns it\.$/;
    const failing = [store.put(1, bytes), store.get(1), store.delete([1]), store.writeNote('n', '')];
    for (const { reason } of (await Promise.allSettled(failing)) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(FilesUnavailableError);
      expect(reason.message).toMatch(refused);
    }
  });
});

function put(path: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}
