import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FilesService } from '../../libs/community/files.service.js';
import { DEFAULT_LIMITS } from '../../libs/protocol/limits.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { FilesRepository } from '../../libs/storage/files.repository.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const BYTES_MAX = 1000;
const community = allWithCommunity({
  config: {
    rateLimit: { posts: 0, windowSeconds: 1 },
    limits: { ...DEFAULT_LIMITS, fileBytesMax: BYTES_MAX },
  },
});

const UPLOAD_LIFETIME = 3600;
const FILE_LIFETIME = 15 * 86_400;

let scene: RoomScene;
let ann: Member;
let ben: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  [ann, ben] = [await scene.member('ann'), await scene.member('ben')];
});

const now = () => community().clock.now;
const gone = { status: 404 };

/** Names of all blobs on disk. */
function blobs(): string[] {
  const folder = join(community().folder, 'files');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

describe('an upload', () => {
  it.each([
    ['some', Buffer.from('a\0b\xff', 'latin1')],
    ['no', Buffer.alloc(0)],
    ['as many as are allowed', Buffer.alloc(BYTES_MAX, 7)],
  ])('of %s bytes comes back as it was, with its name and times', async (_, bytes) => {
    const id = await scene.upload(ann, { bytes, name: 'my 🎂.txt' });
    expect(await scene.download(id)).toEqual({
      bytes,
      file: {
        id,
        size: bytes.length,
        filename: 'my 🎂.txt',
        uploadedAt: now(),
        expiresAt: now() + UPLOAD_LIFETIME,
      },
    });
  });

  it('may have no name', async () => {
    const id = await scene.upload(ann);
    expect((await scene.download(id)).file.filename).toBeNull();
  });

  it('beyond the limit is 413, and nothing of it is kept', async () => {
    const [rows, kept] = [await tableState(community()), blobs()];
    const bytes = Buffer.alloc(BYTES_MAX + 1);
    await expect(scene.upload(ann, { bytes })).rejects.toMatchObject({ status: 413 });
    expect([await tableState(community()), blobs()]).toEqual([rows, kept]);
  });

  it('to a room that is deleted at that moment is 404, and nothing of it is kept', async () => {
    const { identity, access } = await scene.as(ann);
    await community().rooms.delete(community().operator, scene.token);
    const [rows, kept] = [await tableState(community()), blobs()];
    const upload = community().service(FilesService).upload(identity, access, Buffer.from('x'), undefined);
    await expect(upload).rejects.toMatchObject(gone);
    expect([await tableState(community()), blobs()]).toEqual([rows, kept]);
  });

  it.each([
    ['../../etc/passwd', '..\ufffd..\ufffdetc\ufffdpasswd'],
    ['a\0b', 'a\ufffdb'],
    ['x'.repeat(5000), 'x'.repeat(1024)],
    ['😀'.repeat(500), '😀'.repeat(256)],
    [`${'x'.repeat(1022)}😀`, 'x'.repeat(1022)],
    ['', ''],
  ])('called %j keeps a harmless name', async (name, kept) => {
    const id = await scene.upload(ann, { name });
    expect((await scene.download(id)).file.filename).toBe(kept);
    expect(blobs()).toContain(String(id));
  });

  it('of whose record the answer was lost keeps its bytes, since there may be one', async () => {
    const repository = community().service(FilesRepository);
    const insert = repository.insert.bind(repository);
    const lost = jest.spyOn(repository, 'insert').mockImplementationOnce(async (file) => {
      await insert(file);
      throw new StorageUnavailableError(new Error('Connection terminated unexpectedly'));
    });
    await expect(scene.upload(ann, { bytes: Buffer.from('kept') })).rejects.toThrow(StorageUnavailableError);
    const { id } = lost.mock.calls[0]![0];
    lost.mockRestore();
    expect((await scene.download(id)).bytes).toEqual(Buffer.from('kept'));
  });

  it('takes no sequence number and counts nothing', async () => {
    await scene.upload(ann);
    expect(await scene.counters()).toEqual({ messageSequence: 0, infoUpdates: 0 });
  });
});

describe('a download is 404', () => {
  it('for a file that is not there', async () => {
    await expect(scene.download(999_999)).rejects.toMatchObject(gone);
  });

  it('for a file of another room', async () => {
    const id = await (await RoomScene.of(community(), 'other')).upload(ann);
    await expect(scene.download(id)).rejects.toMatchObject(gone);
  });

  it('from the second of its expiry on, although it is not yet pruned', async () => {
    const id = await scene.upload(ann);
    community().clock.now += UPLOAD_LIFETIME - 1;
    await expect(scene.download(id)).resolves.toBeDefined();
    community().clock.now += 1;
    await expect(scene.download(id)).rejects.toMatchObject(gone);
    expect(await scene.file(id)).toBeDefined();
  });
});

describe('files that a post names', () => {
  it('become the message’s, and live the file lifetime from then on', async () => {
    const ids = [await scene.upload(ann), await scene.upload(ann)];
    community().clock.now += 100;
    const { id } = await scene.post(ann, { files: ids });
    for (const file of ids)
      expect(await scene.file(file)).toEqual({
        id: file,
        message_id: id,
        expires_at: now() + FILE_LIFETIME,
      });
  });

  it('may be named twice', async () => {
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file, file] });
    expect(await scene.file(file)).toMatchObject({ message_id: id });
  });

  it('become the message’s of an edit too, beside those that it has', async () => {
    const [first, later] = [await scene.upload(ann), await scene.upload(ann)];
    const { id } = await scene.post(ann, { files: [first] });
    await scene.edit(ann, id, 'other', [later]);
    for (const file of [first, later]) expect(await scene.file(file)).toMatchObject({ message_id: id });
  });

  it('become the message’s of an edit that changes nothing else', async () => {
    const { id } = await scene.post(ann, 'same');
    const file = await scene.upload(ann);
    await scene.edit(ann, id, 'same', [file]);
    expect(await scene.file(file)).toMatchObject({ message_id: id });
    expect((await scene.message(id)).edited).toBeUndefined();
  });

  it('stay where they are when an edit names none', async () => {
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file] });
    const before = await scene.file(file);
    await scene.edit(ann, id, 'other');
    expect(await scene.file(file)).toEqual(before);
  });

  it('are one post’s when two posts name them at the same moment', async () => {
    const file = await scene.upload(ann);
    const posts = await Promise.all([1, 2, 3].map(() => scene.post(ann, { files: [file] })));
    expect(posts.map(({ id }) => id)).toContain((await scene.file(file)).message_id);
  });
});

describe('a post takes no file', () => {
  const notToBeTaken: Record<string, () => Promise<number>> = {
    'of somebody else': () => scene.upload(ben),
    'of another room': async () => (await RoomScene.of(community(), 'other')).upload(ann),
    'of an hour ago': async () => {
      const file = await scene.upload(ann);
      community().clock.now += UPLOAD_LIFETIME;
      return file;
    },
    'that another message has': async () => {
      const file = await scene.upload(ann);
      await scene.post(ann, { files: [file] });
      return file;
    },
    'that a deleted message had': async () => {
      const file = await scene.upload(ann);
      const { id } = await scene.post(ann, { files: [file] });
      await scene.delete(ann, id);
      return file;
    },
    'that is the room image': async () => {
      const file = await scene.upload(ann);
      await scene.setImage(file);
      return file;
    },
    'that was the room image': async () => {
      const [file, other] = [await scene.upload(ann), await scene.upload(ann)];
      await scene.setImage(file);
      await scene.setImage(other);
      return file;
    },
  };

  it.each(Object.keys(notToBeTaken))('%s, and is none the worse for it', async (kind) => {
    const file = await notToBeTaken[kind]!();
    const [before, own] = [await scene.file(file), await scene.upload(ann)];
    const { id } = await scene.post(ann, { files: [file, own] });
    expect(await scene.file(file)).toEqual(before);
    expect(await scene.file(own)).toMatchObject({ message_id: id });
  });

  it.each(Object.keys(notToBeTaken))('%s with an edit either', async (kind) => {
    const { id } = await scene.post(ann);
    const file = await notToBeTaken[kind]!();
    const before = await scene.file(file);
    await scene.edit(ann, id, 'other', [file]);
    expect(await scene.file(file)).toEqual(before);
  });

  it('that is not there', async () => {
    await expect(scene.post(ann, { files: [999_999, 0] })).resolves.toMatchObject({ reactions: {} });
  });

  it('when an edit is refused', async () => {
    const { id } = await scene.post(ann);
    const file = await scene.upload(ben);
    await expect(scene.edit(ben, id, 'mine', [file])).rejects.toMatchObject({ status: 403 });
    expect(await scene.file(file)).toMatchObject({ message_id: null });
  });
});

describe('deleting a message', () => {
  it('expires its files at once', async () => {
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file] });
    await scene.delete(ann, id);
    expect((await scene.file(file)).expires_at).toBe(now());
    await expect(scene.download(file)).rejects.toMatchObject(gone);
  });

  it('leaves other files of its author alone', async () => {
    const [free, taken] = [await scene.upload(ann), await scene.upload(ann)];
    await scene.post(ann, { files: [taken] });
    const before = [await scene.file(free), await scene.file(taken)];
    await scene.delete(ann, (await scene.post(ann)).id);
    expect([await scene.file(free), await scene.file(taken)]).toEqual(before);
  });

  it('expires files that a pin kept', async () => {
    const admin = await scene.member('admin', { admin: true });
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file] });
    await scene.pin(admin, id);
    await scene.delete(ann, id);
    expect((await scene.file(file)).expires_at).toBe(now());
  });
});
