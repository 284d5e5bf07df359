import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { FileMoveService, type FileMoveReport } from '../../libs/community/file-move.service.js';
import { readMark } from '../../libs/community/file-store-mark.js';
import { blobPath } from '../../libs/storage/blob-layout.js';
import type { BlobStore, BlobStream } from '../../libs/storage/blob-store.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { S3BlobStore } from '../../libs/storage/s3-blob-store.js';
import { FilesUnavailableError } from '../../libs/storage/storage-errors.js';
import { FileStoreScene } from '../support/file-store-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';
import { ScratchS3 } from '../support/scratch-s3.js';

jest.setTimeout(120_000);

const community = eachWithCommunity();

let s3: ScratchS3;
beforeAll(async () => {
  s3 = await ScratchS3.start();
});
afterAll(() => s3.stop());

let prefixes = 0;
let scene: FileStoreScene;
let from: BlobStore;
let to: BlobStore;
beforeEach(async () => {
  s3.fault = undefined;
  scene = await FileStoreScene.of(community());
  from = scene.store;
  to = new S3BlobStore({ kind: 's3', bucket: s3.bucket, prefix: `move-${++prefixes}` }, s3.access);
});
afterEach(() => to.close());

type Over = Partial<Parameters<FileMoveService['copy']>[0]>;
const move = (over: Over = {}): Promise<FileMoveReport> =>
  community()
    .service(FileMoveService)
    .copy({ from, to, ...over });
const emptySource = () => community().service(FileMoveService).emptySource({ from, to });
const markOf = (store: BlobStore) => readMark(store, community().publicKeyHex);
const inFolder = (name: string) => new FolderBlobStore(join(community().folder, name));

/** Stops a move after so many files. */
function stoppingAfter(files: number): Over {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress: ({ copied }) => {
      if (copied.files >= files) stop.abort();
    },
  };
}

describe('a move', () => {
  it('copies every file as it is, and leaves the source alone', async () => {
    const content = (at: number) => Buffer.alloc(at * 30_000, at + 1);
    const ids = await scene.files(20, content);
    const bytes = 190 * 30_000;
    const nothing = { files: 0, bytes: 0 };
    expect(await move()).toMatchObject({
      state: 'complete',
      files: 20,
      bytes,
      copied: { files: 20, bytes },
      skipped: nothing,
      missing: 0,
      damaged: 0,
    });
    expect(await scene.stored(to)).toEqual(ids);
    expect(await scene.stored()).toEqual(ids);
    for (const [at, id] of ids.entries()) expect((await to.get(id))!.equals(content(at))).toBe(true);
    expect(await markOf(to)).toMatchObject({ complete: true, since: community().clock.now });
  });

  it('goes from S3 to a folder as well', async () => {
    await scene.files(5);
    await move();
    const back = inFolder('back');
    expect(await move({ from: to, to: back })).toMatchObject({ state: 'complete', copied: { files: 5 } });
    for (const id of await scene.stored()) expect(await back.get(id)).toEqual(await from.get(id));
  });

  it('done again copies what is new, and looks at the rest without a request for each', async () => {
    await scene.files(20);
    await move();
    const since = (await markOf(to))!.since;
    community().clock.now += 60;
    const [added] = await scene.files(1);
    s3.requests.length = 0;
    expect(await move()).toMatchObject({ state: 'complete', copied: { files: 1 }, skipped: { files: 20 } });
    expect(
      s3.requests.filter((request) => request.startsWith('PUT')).map((one) => one.split('/').at(-1)),
    ).toEqual(['plaza-move-probe?x-id', `${added}?x-id`]);
    expect(s3.requests.length).toBeLessThan(10);
    expect((await markOf(to))!.since).toBe(since);
  });

  it('that is stopped says how far it came, and goes on from there', async () => {
    const ids = await scene.files(40);
    const first = await move(stoppingAfter(5));
    expect(first.state).toBe('stopped');
    expect(first.copied.files).toBeGreaterThanOrEqual(5);
    expect(first.copied.files).toBeLessThan(20);
    expect(await scene.stored(to)).toHaveLength(first.copied.files);
    expect(await markOf(to)).toMatchObject({ complete: false });
    const second = await move();
    expect(second).toMatchObject({ state: 'complete', skipped: first.copied });
    expect(second.copied.files).toBe(ids.length - first.copied.files);
    expect(await scene.stored(to)).toEqual(ids);
    expect(await markOf(to)).toMatchObject({ complete: true });
  });

  it('does not hold many files at once', async () => {
    await scene.files(30);
    const counting = new CountingStore(join(community().folder, 'counting'));
    await move({ to: counting });
    expect(counting.most).toBeGreaterThan(1);
    expect(counting.most).toBeLessThanOrEqual(8);
  });

  it('replaces what has another size at the destination', async () => {
    const [id] = await scene.files(1);
    await scene.mark({ store: to, complete: false });
    await to.put(id!, Buffer.from('half'));
    expect(await move()).toMatchObject({ copied: { files: 1 }, skipped: { files: 0 } });
    expect(await to.get(id!)).toEqual(await from.get(id!));
  });

  it('leaves out files that expire meanwhile, and those that have', async () => {
    const ids = await scene.files(30);
    const { clock } = community();
    await community().sql('UPDATE files SET expires_at = $2 WHERE id = ANY($1)', [
      ids.slice(0, 3),
      clock.now,
    ]);
    let isFirst = true;
    const report = await move({
      onProgress: ({ phase }) => {
        if (phase !== 'copying' || !isFirst) return;
        isFirst = false;
        clock.now += 16 * 86_400;
      },
    });
    expect(report).toMatchObject({ state: 'complete', files: 27, missing: 0 });
    expect(await scene.stored(to)).not.toEqual(expect.arrayContaining(ids.slice(0, 3)));
  });

  it('is no worse for a file whose bytes and record go while it is at it', async () => {
    const ids = await scene.files(30);
    let gone = false;
    const report = await move({
      onProgress: ({ phase }) => {
        if (phase !== 'copying' || gone) return;
        gone = true;
        community().clock.now += 16 * 86_400; // what is not copied by now has expired
        for (const id of ids.slice(15)) void from.delete([id]);
      },
    });
    expect(report).toMatchObject({ state: 'complete', missing: 0 });
    expect(report.copied.files).toBeLessThan(ids.length);
  });

  it('is complete although some few files are lost or damaged, and says how many', async () => {
    const ids = await scene.files(20);
    await scene.lose(ids.slice(0, 2));
    truncateSync(join(community().folder, 'files', blobPath(ids[2]!)), 1);
    expect(await move()).toMatchObject({ state: 'complete', missing: 2, damaged: 1, copied: { files: 17 } });
    expect(await scene.stored(to)).toEqual(ids.slice(3));
  });

  it('is doubtful when the source lacks much of what is recorded, and completes nothing', async () => {
    const ids = await scene.files(20);
    await scene.lose(ids.slice(0, 15));
    expect(await move()).toMatchObject({ state: 'doubtful', missing: 15 });
    expect(await markOf(to)).toMatchObject({ complete: false });
  });

  it('after the switch fetches what was uploaded meanwhile, and misses nothing that is only there', async () => {
    const ids = await scene.files(3);
    await move();
    const [meanwhile] = await scene.files(1);
    const [afterwards] = await scene.files(1);
    await to.put(afterwards!, (await from.get(afterwards!))!);
    await from.delete([afterwards!]);
    expect(await move()).toMatchObject({ state: 'complete', copied: { files: 1 }, missing: 0 });
    expect(await scene.stored(to)).toEqual([...ids, meanwhile, afterwards]);
  });
});

describe('a move is refused', () => {
  it('from a place where nothing is, which is rather a typing mistake than a community without files', async () => {
    await scene.files(2);
    await expect(move({ from: inFolder('nowhere') })).rejects.toThrow(/There are no files in file:.*nowhere/);
    expect(await markOf(to)).toBeUndefined();
  });

  it('from or to the store of another server', async () => {
    await scene.files(1);
    await scene.mark({ store: to, server: 'ab'.repeat(32) });
    await expect(move()).rejects.toThrow(/belongs to another server/);
    await expect(move({ from: to, to: from })).rejects.toThrow(/belongs to another server/);
    expect(await scene.stored(to)).toEqual([]);
  });

  it('to a place with files that are not this server’s', async () => {
    await scene.files(1);
    await to.put(77_777, Buffer.from('whose?'));
    await expect(move()).rejects.toThrow(/There are files in s3:.* already, and they are not this server's/);
    expect(await markOf(to)).toBeUndefined();
  });

  it('to the same store under another name', async () => {
    await scene.files(1);
    const alias = inFolder('files');
    await expect(move({ to: alias })).rejects.toThrow(/are one and the same store/);
    await expect(community().service(FileMoveService).emptySource({ from, to: alias })).rejects.toThrow(
      /are one and the same store/,
    );
    expect(await scene.stored()).toHaveLength(1);
  });
});

describe('a store that fails', () => {
  it('for a moment is asked again', async () => {
    await scene.files(3);
    const flaky = new FlakyStore(join(community().folder, 'flaky'), 3);
    expect(await move({ to: flaky })).toMatchObject({ state: 'complete', copied: { files: 3 } });
  });

  it('for long ends the move, which can be done again', async () => {
    await scene.files(10);
    const broken = new FlakyStore(join(community().folder, 'broken'), Infinity);
    await expect(move({ to: broken })).rejects.toThrow(FilesUnavailableError);
    expect(await markOf(broken)).toMatchObject({ complete: false });
    broken.failures = 0;
    expect(await move({ to: broken })).toMatchObject({ state: 'complete', copied: { files: 10 } });
  });
});

describe('emptying the source', () => {
  it('removes what is at the destination and what nobody can reach, then the mark', async () => {
    await scene.files(5);
    await scene.orphans(2);
    await move();
    expect(await emptySource()).toEqual({ removed: 7, kept: 0, unclear: 0 });
    expect(await scene.stored()).toEqual([]);
    expect(await markOf(from)).toBeUndefined();
    expect(await scene.stored(to)).toHaveLength(5);
  });

  it('keeps what the destination lacks, what is fresh, and what is not of this database', async () => {
    const ids = await scene.files(5);
    await move();
    await to.put(ids[0]!, Buffer.from('half'));
    await to.delete([ids[1]!]);
    const [fresh] = await scene.orphans(1, { fresh: true });
    await from.put(fresh! + 1, Buffer.from('stranger'));
    scene.age([fresh! + 1]);
    expect(await emptySource()).toEqual({ removed: 3, kept: 2, unclear: 2 });
    expect(await scene.stored()).toEqual([ids[0], ids[1], fresh, fresh! + 1]);
    expect(await markOf(from)).toBeDefined();
  });

  it('is refused before the move is complete', async () => {
    await scene.files(20);
    await move(stoppingAfter(2));
    await expect(emptySource()).rejects.toThrow(/is not complete, so nothing is removed/);
    expect(await scene.stored()).toHaveLength(20);
  });
});

/** How many writes there were at once. */
class CountingStore extends FolderBlobStore {
  most = 0;
  private current = 0;

  override async putStream(id: number, content: BlobStream): Promise<void> {
    this.most = Math.max(this.most, ++this.current);
    await super.putStream(id, content).finally(() => this.current--);
  }
}

/** Refuses so many writes, then works. */
class FlakyStore extends FolderBlobStore {
  constructor(
    folder: string,
    public failures: number,
  ) {
    super(folder);
  }

  override async putStream(id: number, content: BlobStream): Promise<void> {
    if (this.failures-- > 0) throw new FilesUnavailableError('away');
    await super.putStream(id, content);
  }
}
