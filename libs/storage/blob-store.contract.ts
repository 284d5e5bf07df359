import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { BLOB_PAGE, type BlobStore, type BlobStream, type StoredBlob } from './blob-store.js';

/** What every kind of blob store must do. `open` gives one that has nothing in it. */
export function describeBlobStore(kind: string, open: () => Promise<BlobStore>): void {
  describe(`${kind}: a blob store`, () => {
    let store: BlobStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const bytes = Buffer.from('a\0b\xff\r\n', 'latin1');

    it.each([
      ['some', bytes],
      ['no', Buffer.alloc(0)],
      ['many', randomBytes(3_000_000)],
    ])('gives back %s bytes as they were', async (_, content) => {
      await store.put(7, content);
      expect((await store.get(7))!.equals(content)).toBe(true);
      expect(await store.sizeOf(7)).toBe(content.length);
    });

    it.each([
      ['some', bytes],
      ['no', Buffer.alloc(0)],
      ['many', randomBytes(3_000_000)],
    ])('takes and gives %s bytes as a stream', async (_, content) => {
      await store.putStream(8, streamOf(content));
      const opened = (await store.openStream(8))!;
      expect(opened.size).toBe(content.length);
      expect((await collected(opened)).equals(content)).toBe(true);
    });

    it('has nothing under an id that was not stored', async () => {
      await store.put(1, bytes);
      for (const id of [2, 257, 11]) {
        expect(await store.get(id)).toBeUndefined();
        expect(await store.openStream(id)).toBeUndefined();
        expect(await store.sizeOf(id)).toBeUndefined();
      }
    });

    it('keeps the later of two under one id', async () => {
      await store.put(5, bytes);
      await store.putStream(5, streamOf(Buffer.from('later')));
      expect(await store.get(5)).toEqual(Buffer.from('later'));
    });

    it.each([0, 255, 256, 4_294_967_296, Number.MAX_SAFE_INTEGER])('takes the id %d', async (id) => {
      await store.put(id, bytes);
      expect(await store.get(id)).toEqual(bytes);
      expect((await listed(store)).map((blob) => blob.id)).toEqual([id]);
    });

    it.each([-1, 1.5, Number.NaN, 2 ** 53, '../1' as unknown as number])('refuses the id %p', async (id) => {
      await expect(store.put(id, bytes)).rejects.toThrow(RangeError);
      await expect(store.delete([id])).rejects.toThrow(RangeError);
      expect(await listed(store)).toEqual([]);
    });

    it.each([
      ['fewer', 3],
      ['more', 20],
    ])('keeps nothing of a stream that has %s bytes than was said', async (_, size) => {
      const { stream } = streamOf(Buffer.alloc(10));
      await expect(store.putStream(9, { size, stream })).rejects.toThrow(/bytes/);
      expect(await store.get(9)).toBeUndefined();
      expect(stream.destroyed).toBe(true);
    });

    it('keeps nothing of a stream that breaks, and tells why', async () => {
      const broken = Readable.from(halfThenError(), { objectMode: false });
      await expect(store.putStream(9, { size: 200_000, stream: broken })).rejects.toThrow('cable cut');
      expect(await store.get(9)).toBeUndefined();
    });

    it('lets go of a stream that nobody reads', async () => {
      await store.put(3, randomBytes(500_000));
      const { stream } = (await store.openStream(3))!;
      stream.destroy();
      await new Promise((resolve) => stream.once('close', resolve));
      expect(await store.sizeOf(3)).toBe(500_000);
    });

    it('forgets one, and leaves the others', async () => {
      for (const id of [1, 2, 257]) await store.put(id, bytes);
      await store.delete([1]);
      expect(await store.get(1)).toBeUndefined();
      expect((await listed(store)).map(({ id }) => id)).toEqual([2, 257]);
    });

    it('forgets many at once, also such as are not there', async () => {
      for (let id = 0; id < 40; id++) await store.put(id, bytes);
      await store.delete([]);
      await store.delete(Array.from({ length: 60 }, (_, id) => id + 20));
      expect((await listed(store)).map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
      await store.delete([999]);
    });

    it('lists everything with size and time, on pages', async () => {
      const ids = Array.from({ length: BLOB_PAGE + 5 }, (_, at) => at * 3);
      await inTurns(ids, (id) => store.put(id, Buffer.alloc(id % 5)));
      const pages: StoredBlob[][] = [];
      for await (const page of store.list()) pages.push(page);
      expect(pages.every(({ length }) => length > 0 && length <= BLOB_PAGE)).toBe(true);
      const blobs = pages.flat();
      expect(blobs.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
      for (const { id, size, storedAt } of blobs) {
        expect(size).toBe(id % 5);
        expect(Math.abs(storedAt - Date.now() / 1000)).toBeLessThan(60);
      }
    });

    it('knows the time by the clock that tells when something was stored, and keeps nothing of it', async () => {
      const before = (await store.now()) - 1; // S3 tells whole seconds
      await store.put(1, bytes);
      const [{ storedAt }] = (await listed(store)) as [StoredBlob];
      expect(storedAt).toBeGreaterThanOrEqual(before);
      expect(storedAt).toBeLessThanOrEqual((await store.now()) + 1);
      expect(await listed(store)).toHaveLength(1);
    });

    it('lists nothing when there is nothing', async () => expect(await listed(store)).toEqual([]));

    it('keeps notes, which are no blobs', async () => {
      expect(await store.readNote('note.json')).toBeUndefined();
      await store.writeNote('note.json', 'Überall');
      await store.writeNote('note.json', 'über all');
      expect(await store.readNote('note.json')).toBe('über all');
      expect(await listed(store)).toEqual([]);
      await store.removeNote('note.json');
      await store.removeNote('note.json');
      expect(await store.readNote('note.json')).toBeUndefined();
    });

    it('may be closed twice', () => {
      store.close();
      expect(() => store.close()).not.toThrow();
    });
  });
}

export const streamOf = (content: Buffer): BlobStream => ({
  size: content.length,
  stream: Readable.from(content.length === 0 ? [] : [content.subarray(0, 4), content.subarray(4)], {
    objectMode: false,
  }),
});

export async function collected({ stream }: BlobStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All blobs, by id. */
export async function listed(store: BlobStore): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for await (const page of store.list()) blobs.push(...page);
  return blobs.sort((a, b) => a.id - b.id);
}

async function* halfThenError(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(100_000);
  throw new Error('cable cut');
}

/** Some at a time, so that neither sockets nor files run out. */
async function inTurns(ids: readonly number[], work: (id: number) => Promise<void>): Promise<void> {
  const left = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) await work(id);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
