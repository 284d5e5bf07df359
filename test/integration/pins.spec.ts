import { PinsService } from '../../libs/community/pins.service.js';
import { Config } from '../../libs/config/config.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

const FILE_LIFETIME = 15 * 86_400;

let scene: RoomScene;
let admin: Member;
let second: Member;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  admin = await scene.member('admin', { admin: true }); // info_updates 1
  second = await scene.member('second', { admin: true }); // info_updates 2
  ann = await scene.member('ann');
});

const now = () => community().clock.now;
const infoUpdates = async () => (await scene.counters()).infoUpdates;
const pinned = async () => (await scene.shown()).pinned_messages;

describe('pinning', () => {
  it('counts once, and shows who pinned what and when, in whole seconds', async () => {
    const { id } = await scene.post(ann);
    expect(await scene.pin(admin, id)).toBe(3);
    expect(await infoUpdates()).toBe(3);
    expect(await pinned()).toEqual([{ id, pinned_at: Math.floor(now()), pinned_by: admin.sessionId }]);
  });

  it('takes no sequence number', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    expect((await scene.counters()).messageSequence).toBe(1);
  });

  it('again refreshes time and pinner, and counts again', async () => {
    const [first, other] = [await scene.post(ann), await scene.post(ann)];
    await scene.pin(admin, first.id);
    community().clock.now += 10;
    await scene.pin(admin, other.id);
    community().clock.now += 10;
    expect(await scene.pin(second, first.id)).toBe(5);
    expect(await pinned()).toEqual([
      { id: other.id, pinned_at: Math.floor(now() - 10), pinned_by: admin.sessionId },
      { id: first.id, pinned_at: Math.floor(now()), pinned_by: second.sessionId },
    ]);
  });

  it('shows the oldest pin first, not the oldest message', async () => {
    const [first, other] = [await scene.post(ann), await scene.post(ann)];
    await scene.pin(admin, other.id);
    community().clock.now += 1;
    await scene.pin(admin, first.id);
    expect((await pinned())!.map(({ id }) => id)).toEqual([other.id, first.id]);
  });

  it('is logged, and so is unpinning', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    await scene.unpin(admin, id);
    expect((await scene.logged()).slice(-2)).toEqual(['message.pin', 'message.unpin']);
  });

  it('happens that often when it happens that often at the same moment', async () => {
    const { id } = await scene.post(ann);
    const counters = await Promise.all(Array.from({ length: 5 }, () => scene.pin(admin, id)));
    expect(counters.sort()).toEqual([3, 4, 5, 6, 7]);
    expect(await pinned()).toHaveLength(1);
  });

  it('and deleting at the same moment leave no pin', async () => {
    const { id } = await scene.post(ann);
    const pinning = scene.pin(admin, id).catch((error: { status: number }) => error.status);
    await Promise.all([pinning, scene.delete(ann, id)]);
    // Pinned first: once for the pin, once for its removal. Deleted first: a 404.
    expect([
      [3, 4],
      [404, 2],
    ]).toContainEqual([await pinning, await infoUpdates()]);
    expect(await pinned()).toBeUndefined();
  });
});

it('no more messages of a room are pinned than are allowed; those that moved in stay', async () => {
  const { pinsPerRoomMax } = community().service(Config).limits;
  const ids: number[] = [];
  for (let count = 0; count < pinsPerRoomMax + 2; count++) ids.push((await scene.post(ann)).id);
  await community().sql(
    `INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at)
     SELECT room_id, id, $1, $2 FROM messages WHERE id = ANY($3)`,
    [admin.id, now(), ids.slice(1)],
  );
  await expect(scene.pin(admin, ids[0]!)).rejects.toMatchObject({ status: 400 });
  await expect(scene.pin(admin, ids[1]!)).resolves.toBeGreaterThan(0); // refreshed
  await scene.unpin(admin, ids[1]!);
  await scene.unpin(admin, ids[2]!);
  await scene.pin(admin, ids[0]!);
  expect(await pinned()).toHaveLength(pinsPerRoomMax);
});

describe('a message cannot be pinned', () => {
  const others: Record<string, () => Promise<number>> = {
    'never there': async () => 999_999,
    deleted: async () => {
      const { id } = await scene.post(ann);
      await scene.delete(ann, id);
      return id;
    },
    'of another room': async () => {
      const other = await RoomScene.of(community(), 'other');
      return (await other.post(ann)).id;
    },
    filtered: async () => {
      const { id } = await scene.post(ann);
      await scene.filter(id);
      return id;
    },
    'a whisper to moderators': async () => (await scene.post(admin, { whisper_mods: true })).id,
    'a whisper to somebody': async () => (await scene.post(admin, { whisper_to: ann.sessionId })).id,
  };

  it.each(Object.keys(others))('that is %s: 404, and nothing is counted', async (kind) => {
    const id = await others[kind]!();
    const before = await tableState(community());
    await expect(scene.pin(admin, id)).rejects.toMatchObject({ status: 404 });
    expect(await tableState(community())).toEqual(before);
  });
});

describe('unpinning', () => {
  it('counts, and says that it was pinned', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    expect(await scene.unpin(second, id)).toEqual({ unpinned: 1, infoUpdates: 4 });
    expect(await pinned()).toBeUndefined();
  });

  it.each(['what is not pinned', 'what was never there', 'what another room pinned'])(
    '%s is no error and counts nothing',
    async (what) => {
      let id = (await scene.post(ann)).id;
      if (what === 'what was never there') id = 999_999;
      if (what === 'what another room pinned') {
        const other = await RoomScene.of(community(), 'other');
        await other.appoint(admin, { admin: true });
        id = (await other.post(ann)).id;
        await other.pin(admin, id);
      }
      const before = await tableState(community());
      expect(await scene.unpin(admin, id)).toEqual({ unpinned: 0, infoUpdates: 2 });
      expect(await tableState(community())).toEqual(before);
    },
  );

  it('all counts each, in this room alone', async () => {
    const other = await RoomScene.of(community(), 'other');
    await other.appoint(admin, { admin: true });
    await other.pin(admin, (await other.post(ann)).id);
    for (let n = 0; n < 3; n++) await scene.pin(admin, (await scene.post(ann)).id);
    expect(await scene.unpin(admin)).toEqual({ unpinned: 3, infoUpdates: 8 });
    expect(await scene.unpin(admin)).toEqual({ unpinned: 0, infoUpdates: 8 });
    expect(await other.shown()).toHaveProperty('pinned_messages');
  });

  it('in a room that was deleted meanwhile is 404', async () => {
    const { id } = await scene.post(ann);
    const { access } = await scene.as(admin);
    await community().rooms.delete(community().operator, scene.token);
    await expect(unpinWith(access, id)).rejects.toMatchObject({ status: 404 });
    await expect(unpinWith(access, undefined)).rejects.toMatchObject({ status: 404 });
  });
});

const unpinWith = (access: Awaited<ReturnType<RoomScene['as']>>['access'], id: number | undefined) =>
  community().service(PinsService).unpin({ userId: admin.id, via: 'protocol' }, access, id);

describe('deleting what is pinned', () => {
  it('removes the pin, which counts', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    await scene.delete(ann, id);
    expect(await infoUpdates()).toBe(4);
    expect(await pinned()).toBeUndefined();
  });

  it('counts nothing for a message that is not pinned', async () => {
    const { id } = await scene.post(ann);
    await scene.delete(ann, id);
    expect(await infoUpdates()).toBe(2);
  });
});

describe('files of a pinned message', () => {
  const withFile = async () => {
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file] });
    return { id, file };
  };

  it('do not expire', async () => {
    const { id, file } = await withFile();
    expect((await scene.file(file)).expires_at).toBe(now() + FILE_LIFETIME);
    await scene.pin(admin, id);
    expect((await scene.file(file)).expires_at).toBeNull();
  });

  it('do not expire either when an edit attaches them later', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    const file = await scene.upload(ann);
    await scene.edit(ann, id, 'with a file', [file]);
    expect(await scene.file(file)).toEqual({ id: file, message_id: id, expires_at: null });
  });

  it('expire at upload time + lifetime after unpinning', async () => {
    const { id, file } = await withFile();
    const uploadedAt = now();
    await scene.pin(admin, id);
    community().clock.now += 1000;
    await scene.unpin(admin, id);
    expect((await scene.file(file)).expires_at).toBe(uploadedAt + FILE_LIFETIME);
  });

  it('expire at once when that time is over', async () => {
    const { id, file } = await withFile();
    await scene.pin(admin, id);
    community().clock.now += FILE_LIFETIME;
    await expect(scene.download(file)).resolves.toBeDefined();
    await scene.unpin(admin);
    await expect(scene.download(file)).rejects.toMatchObject({ status: 404 });
  });

  it('that had expired already do not come back with the pin', async () => {
    const { id, file } = await withFile();
    community().clock.now += FILE_LIFETIME;
    await scene.pin(admin, id);
    await expect(scene.download(file)).rejects.toMatchObject({ status: 404 });
  });

  it('of other messages expire as before', async () => {
    const [{ id }, other] = [await withFile(), await withFile()];
    await scene.pin(admin, id);
    expect((await scene.file(other.file)).expires_at).toBe(now() + FILE_LIFETIME);
  });

  it('expire also when they are attached while somebody unpins', async () => {
    const { id } = await scene.post(ann);
    await scene.pin(admin, id);
    const file = await scene.upload(ann);
    await community().sql('BEGIN');
    await community().sql('DELETE FROM pins WHERE message_id = $1', [id]); // as unpinning does first
    const edit = scene.edit(ann, id, 'with a file', [file]);
    await community().untilSomebodyWaits();
    await community().sql('COMMIT');
    await edit;
    expect((await scene.file(file)).expires_at).toBe(now() + FILE_LIFETIME);
  });

  it('that became the room image stay the image after unpinning', async () => {
    const { id, file } = await withFile();
    await scene.pin(admin, id);
    await scene.setImage(file);
    await scene.unpin(admin, id);
    expect((await scene.file(file)).expires_at).toBeNull();
  });

  it('that were a room image and were replaced do not come back with unpinning', async () => {
    const [{ id, file }, image] = [await withFile(), await scene.upload(admin)];
    await scene.pin(admin, id);
    await scene.setImage(file);
    await scene.setImage(image);
    await scene.unpin(admin, id);
    await expect(scene.download(file)).rejects.toMatchObject({ status: 404 });
  });
});
