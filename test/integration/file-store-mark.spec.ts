import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  claimFileStore,
  FileStoreError,
  readMark,
  removeMark,
} from '../../libs/community/file-store-mark.js';
import { FileInventoryRepository } from '../../libs/storage/file-inventory.repository.js';
import type { BlobStore } from '../../libs/storage/blob-store.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { S3BlobStore } from '../../libs/storage/s3-blob-store.js';
import { FilesUnavailableError } from '../../libs/storage/storage-errors.js';
import { FileStoreScene } from '../support/file-store-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';
import { ScratchS3 } from '../support/scratch-s3.js';

const community = eachWithCommunity();

let folders = 0;
const freshStore = () => new FolderBlobStore(join(community().folder, `store-${++folders}`));

const claim = (store: BlobStore = community().blobs, server = community().publicKeyHex) =>
  claimFileStore(store, {
    server,
    inventory: community().service(FileInventoryRepository),
    now: community().clock.now,
  });
const markOf = (store: BlobStore = community().blobs) => readMark(store, community().publicKeyHex);

describe('a store without a mark becomes the server’s', () => {
  beforeEach(() => removeMark(community().blobs));

  it('when nothing is recorded', async () => {
    await claim();
    const { now } = community().clock;
    expect(await markOf()).toEqual({ server: community().publicKeyHex, since: now, complete: true });
  });

  it('when it holds any of the recorded files, so that older servers and backups are taken over', async () => {
    const scene = await FileStoreScene.of(community());
    await scene.lose((await scene.files(8)).slice(1));
    await claim();
    expect(await markOf()).toMatchObject({ complete: true });
  });

  it('but not when it holds none of them, and is not written to', async () => {
    await (await FileStoreScene.of(community())).files(3);
    const store = freshStore();
    const claiming = claim(store);
    await expect(claiming).rejects.toThrow(FileStoreError);
    await expect(claiming).rejects.toThrow(
      /^The file store file:.*store-\d+ is not the one of this server: 3 files are recorded, and of those looked for none is there\. Is the disk mounted, and is FILES_URL right\? If the files are lost for good, run: plaza files adopt$/,
    );
    expect(await markOf(store)).toBeUndefined();
  });

  it('but not when it holds other files under the same ids', async () => {
    const ids = await (await FileStoreScene.of(community())).files(3);
    const store = freshStore();
    for (const id of ids) await store.put(id, Buffer.from('of another length'));
    await expect(claim(store)).rejects.toThrow(FileStoreError);
  });
});

describe('a store with a mark', () => {
  it('of this server is its store, also when it is empty', async () => {
    const scene = await FileStoreScene.of(community());
    await scene.lose(await scene.files(3));
    const before = await markOf();
    await claim();
    expect(await markOf()).toEqual(before);
  });

  it('of another server is refused, and left as it is', async () => {
    const store = freshStore();
    await claim(store, 'cd'.repeat(32));
    await expect(claim(store)).rejects.toThrow(
      /belongs to another server, the one with the key (cd){32}\. Give this one a folder or prefix of its own in FILES_URL\.$/,
    );
    await expect(claim(store, 'cd'.repeat(32))).resolves.toBeUndefined();
  });

  it('that says it is not complete is refused', async () => {
    await (await FileStoreScene.of(community())).mark({ complete: false });
    await expect(claim()).rejects.toThrow(
      /is not complete: .*Set FILES_URL back to where they came from, and let plaza files move run to its end\.$/,
    );
  });

  it.each(['', 'x', '{}', '{"server":"AB","since":1,"complete":true}', '[]'])(
    'that reads %j is refused',
    async (text) => {
      await community().blobs.writeNote('plaza.json', text);
      await expect(claim()).rejects.toThrow(/has a mark \(plaza\.json\) that cannot be understood/);
    },
  );
});

describe('a store that does not work', () => {
  it.each([
    ['read', 'GET'],
    ['written', 'PUT'],
    ['removed from', 'DELETE'],
  ])('is found out at the start: nothing may be %s', async (_, method) => {
    const s3 = await ScratchS3.start();
    const store = new S3BlobStore({ kind: 's3', bucket: s3.bucket, prefix: 'denied' }, s3.access);
    s3.fault = { kind: 'status', status: 403, code: 'AccessDenied', method };
    await expect(claim(store)).rejects.toThrow(/^The file store s3:\/\/plaza-files\/denied refuses access\./);
    store.close();
    await s3.stop();
  });

  it('stops the start with what to do', async () => {
    await mkdir(community().folder, { recursive: true });
    await writeFile(join(community().folder, 'file'), '');
    const store = new FolderBlobStore(join(community().folder, 'file', 'files'));
    const claiming = claim(store);
    await expect(claiming).rejects.toThrow(FilesUnavailableError);
    await expect(claiming).rejects.toThrow(/cannot be used \(ENOTDIR\)/);
  });
});
