import { join } from 'node:path';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { FileSweepService, type SweepReport } from '../../libs/community/file-sweep.service.js';
import { ServerIdentity } from '../../libs/community/server-identity.js';
import { blobPath } from '../../libs/storage/blob-layout.js';
import type { StoredBlob } from '../../libs/storage/blob-store.js';
import { FileInventoryRepository } from '../../libs/storage/file-inventory.repository.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { FileStoreScene } from '../support/file-store-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const community = eachWithCommunity();

let scene: FileStoreScene;
beforeEach(async () => {
  scene = await FileStoreScene.of(community());
});

const sweep = (): Promise<SweepReport> => community().service(FileSweepService).run();
const nothing = { orphanedBytes: 0, hollowRows: 0, doubts: [] };

/** Runs what must not change a thing, and returns what the operator is told. */
async function refused(run: () => Promise<SweepReport> = sweep): Promise<string> {
  const before = [await scene.recorded(), await scene.stored()];
  const report = await run();
  expect([await scene.recorded(), await scene.stored()]).toEqual(before);
  expect(report).toMatchObject({ orphanedBytes: 0, hollowRows: 0 });
  expect(report.doubts).toHaveLength(1);
  return report.doubts[0]!;
}

describe('a sweep', () => {
  it('finds nothing in a store that is in order', async () => {
    await scene.files(5);
    scene.age(await scene.stored());
    expect(await sweep()).toEqual(nothing);
    expect(await scene.stored()).toHaveLength(5);
  });

  it('removes old bytes that have no record, and leaves those of an upload that may be under way', async () => {
    const files = await scene.files(5);
    await scene.orphans(100);
    const fresh = await scene.orphans(3, { fresh: true });
    expect(await sweep()).toEqual({ ...nothing, orphanedBytes: 100 });
    expect(await scene.stored()).toEqual([...files, ...fresh]);
    expect(await sweep()).toEqual(nothing);
  });

  it('removes some few records that have no bytes, unless they are young or have expired', async () => {
    const files = await scene.files(20);
    await scene.hollow(3);
    const [young, expired] = [await scene.hollow(1), await scene.hollow(1)];
    const { clock } = community();
    await community().sql('UPDATE files SET uploaded_at = $2 WHERE id = ANY($1)', [young, clock.now - 60]);
    await community().sql('UPDATE files SET expires_at = $2 WHERE id = ANY($1)', [expired, clock.now]);
    expect(await sweep()).toEqual({ ...nothing, hollowRows: 3 });
    expect(await scene.recorded()).toEqual([...files, ...young, ...expired]);
  });

  it('removes no record while files may still come after a move', async () => {
    await scene.files(20);
    const lost = await scene.hollow(2);
    await scene.mark({ since: community().clock.now - 6 * 86_400 });
    expect(await sweep()).toEqual(nothing);
    await scene.mark({ since: community().clock.now - 7 * 86_400 });
    expect(await sweep()).toEqual({ ...nothing, hollowRows: 2 });
    expect(await scene.recorded()).not.toContain(lost[0]);
  });

  it('believes the store itself rather than its list, which may be behind', async () => {
    const ids = await scene.files(20);
    const behind = new StoreBehind(join(community().folder, 'files'), ids[7]!);
    const service = new FileSweepService(
      community().service(FileInventoryRepository),
      behind,
      community().service(ServerIdentity),
      community().clock,
    );
    expect((await service.look()).hollow.ids).toEqual([ids[7]]);
    expect(await service.run()).toEqual(nothing);
    expect(await scene.recorded()).toEqual(ids);
  });

  it('leaves an upload that is under way, though the own clock is hours ahead of the store’s', async () => {
    await scene.files(5);
    const [fresh] = await scene.orphans(1, { fresh: true });
    const draft = join(community().folder, 'files', `${blobPath(fresh!)}.1-1.new`);
    await writeFile(draft, 'half');
    community().clock.now += 5 * 3600;
    expect(await sweep()).toEqual(nothing);
    expect(await scene.stored()).toContain(fresh);
    await access(draft);
  });

  it('removes what interrupted writes left behind', async () => {
    const [id] = await scene.files(1);
    scene.age([id!]);
    const folder = join(community().folder, 'files', (id! % 256).toString(16).padStart(2, '0'));
    await rename(join(folder, String(id)), join(folder, `${id}.1-1.new`));
    await sweep();
    await expect(rm(join(folder, `${id}.1-1.new`))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a sweep never removes the record of', () => {
  it('a room image', async () => {
    const [image] = await scene.files(20);
    await scene.room.setImage(image!);
    await scene.lose([image!]);
    expect(await refused()).toMatch(/^Room images or files of pinned messages are missing from file:.*: 1\./);
  });

  it('a file of a pinned message, even if an operator says all', async () => {
    const admin = await scene.room.member('admin', { admin: true });
    await scene.files(20);
    const file = await scene.room.upload(admin);
    const { id } = await scene.room.post(admin, { files: [file] });
    await scene.room.pin(admin, id);
    await community().sql('UPDATE files SET uploaded_at = uploaded_at - 7200 WHERE id = $1', [file]);
    await scene.lose([file]);
    const tidyAll = () => community().service(FileSweepService).tidy({ evenIfMany: true });
    expect(await refused(tidyAll)).toMatch(/put the files back from a backup/);
  });
});

describe('a sweep removes nothing at all', () => {
  it('when the folder is empty, as before a disk is mounted', async () => {
    await scene.files(5);
    await rename(join(community().folder, 'files'), join(community().folder, 'away'));
    const before = await scene.recorded();
    const { doubts } = await sweep();
    expect(doubts).toEqual([expect.stringMatching(/lacks the mark of this server\. Is the disk mounted/)]);
    expect(await scene.recorded()).toEqual(before);
  });

  it('when the store is another server’s', async () => {
    await scene.files(5);
    await scene.orphans(5);
    await scene.mark({ server: 'ab'.repeat(32) });
    expect(await refused()).toMatch(/belongs to another server, the one with the key abab/);
  });

  it('when files are still being moved to the store', async () => {
    await scene.files(5);
    await scene.orphans(5);
    await scene.mark({ complete: false });
    expect(await refused()).toMatch(/lacks the mark of this server/);
  });

  it('when all the files are gone, though they were few', async () => {
    await scene.lose(await scene.files(3));
    expect(await refused()).toMatch(/^Recorded files are missing from file:.*: 3 of 3\./);
  });

  it('when many of the files are gone', async () => {
    const files = await scene.files(30);
    await scene.lose(files.slice(0, 11));
    expect(await refused()).toMatch(/^Recorded files are missing from file:.*: 11 of 30\./);
  });

  it('when many have no record, as after a restored database', async () => {
    await scene.files(5);
    await scene.orphans(101);
    expect(await refused()).toMatch(/^Files in file:.* have no record: 101 of 106,/);
  });

  it('when the bytes are under ids that the database never gave out', async () => {
    const [last] = (await scene.files(3)).slice(-1);
    await scene.store.put(last! + 1, Buffer.from('of a copy of this server'));
    scene.age([last! + 1]);
    expect(await refused()).toMatch(/have ids that this database never gave out: 1\./);
  });
});

describe('an operator who has looked', () => {
  it('may have all of it removed', async () => {
    const files = await scene.files(5);
    await scene.orphans(101);
    await scene.hollow(5);
    const found = await community().service(FileSweepService).look();
    expect(found).toMatchObject({
      stored: { files: 106 },
      recorded: 10,
      orphans: { count: 101 },
      hollow: { count: 5 },
      strangers: 0,
    });
    const report = await community().service(FileSweepService).tidy({ evenIfMany: true });
    expect(report).toMatchObject({ orphanedBytes: 101, hollowRows: 5 });
    expect([await scene.recorded(), await scene.stored()]).toEqual([files, files]);
  });
});

/** Its list leaves out one blob that is there. */
class StoreBehind extends FolderBlobStore {
  constructor(
    folder: string,
    private readonly unlisted: number,
  ) {
    super(folder);
  }

  override async *list(): AsyncGenerator<StoredBlob[]> {
    for await (const page of super.list()) yield page.filter(({ id }) => id !== this.unlisted);
  }
}
