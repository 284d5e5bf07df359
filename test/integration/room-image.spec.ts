import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  ann = await scene.member('ann');
});

const now = () => community().clock.now;
const expiry = async (file: number) => (await scene.file(file)).expires_at;

describe('a room image', () => {
  it('is a file of the room that expires no more; setting it counts once', async () => {
    const file = await scene.upload(ann);
    expect(await scene.setImage(file)).toBe(1);
    expect(await expiry(file)).toBeNull();
    expect((await scene.shown()).image_id).toBe(file);
  });

  it('counts beside name and description', async () => {
    const file = await scene.upload(ann);
    const { rooms, operator } = community();
    expect(
      await rooms.update(operator, scene.token, { imageId: file, name: 'New', description: 'Text' }),
    ).toBe(3);
  });

  it('set again is no change', async () => {
    const file = await scene.upload(ann);
    await scene.setImage(file);
    const before = [await tableState(community()), await scene.file(file)];
    expect(await scene.setImage(file)).toBe(1);
    expect([await tableState(community()), await scene.file(file)]).toEqual(before);
  });

  it('that is replaced expires at once; the change counts once', async () => {
    const [first, second] = [await scene.upload(ann), await scene.upload(ann)];
    await scene.setImage(first);
    community().clock.now += 10;
    expect(await scene.setImage(second)).toBe(2);
    expect(await expiry(first)).toBe(now());
    expect(await expiry(second)).toBeNull();
    await expect(scene.download(first)).rejects.toMatchObject({ status: 404 });
  });

  it('may be the file of a message, and stays when the message goes', async () => {
    const file = await scene.upload(ann);
    const { id } = await scene.post(ann, { files: [file] });
    await scene.setImage(file);
    await scene.delete(ann, id);
    expect(await expiry(file)).toBeNull();
    await expect(scene.download(file)).resolves.toBeDefined();
    expect((await scene.shown()).image_id).toBe(file);
  });

  it('survives the hour of an upload and the lifetime of a file', async () => {
    const file = await scene.upload(ann);
    await scene.setImage(file);
    community().clock.now += 1000 * 86_400;
    await expect(scene.download(file)).resolves.toMatchObject({ file: { expiresAt: null } });
  });

  it('when two are set at the same moment, is one, and the other expires', async () => {
    const files = [await scene.upload(ann), await scene.upload(ann)];
    const counters = await Promise.all(files.map((file) => scene.setImage(file)));
    expect(counters.sort()).toEqual([1, 2]);
    const image = (await scene.shown()).image_id!;
    const other = files.find((file) => file !== image)!;
    expect([await expiry(image), await expiry(other)]).toEqual([null, now()]);
  });
});

describe('a file is no room image: 406, and the other fields of that change are undone,', () => {
  const wrong: Record<string, () => Promise<number>> = {
    'never there': async () => 999_999,
    'number 0': async () => 0,
    'below 0': async () => -1,
    'of another room': async () => (await RoomScene.of(community(), 'other')).upload(ann),
    'that has expired': async () => {
      const file = await scene.upload(ann);
      community().clock.now += 3600;
      return file;
    },
    'that was the image before': async () => {
      const [first, second] = [await scene.upload(ann), await scene.upload(ann)];
      await scene.setImage(first);
      await scene.setImage(second);
      return first;
    },
  };

  it.each(Object.keys(wrong))('%s', async (kind) => {
    const imageId = await wrong[kind]!();
    const before = [await tableState(community()), await scene.shown()];
    const { rooms, operator } = community();
    const change = { imageId, name: 'New', description: 'Text', defaultWrite: false };
    await expect(rooms.update(operator, scene.token, change)).rejects.toMatchObject({ status: 406 });
    expect([await tableState(community()), await scene.shown()]).toEqual(before);
  });
});
