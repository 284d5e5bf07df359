import { FilesService } from '../../libs/community/files.service.js';
import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import type { BlobStore } from '../../libs/storage/blob-store.js';
import { S3BlobStore } from '../../libs/storage/s3-blob-store.js';
import { communityOn, type Community, type Member } from '../support/scratch-community.js';
import { RoomScene } from '../support/room-scene.js';
import { scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { ScratchS3 } from '../support/scratch-s3.js';

jest.setTimeout(120_000);

const UPLOAD_LIFETIME = 3600;

let s3: ScratchS3;
beforeAll(async () => {
  s3 = await ScratchS3.start();
});
afterAll(() => s3.stop());

let prefixes = 0;
let database: ScratchDatabase;
let community: Community;
let store: BlobStore;
let room: RoomScene;
let ann: Member;
beforeEach(async () => {
  s3.fault = undefined;
  store = new S3BlobStore({ kind: 's3', bucket: s3.bucket, prefix: `prefix-${++prefixes}` }, s3.access);
  database = await scratchDatabase();
  community = await communityOn(database.url, { blobs: store });
  room = await RoomScene.of(community);
  ann = await room.member('ann');
});
afterEach(async () => {
  await community.close();
  store.close();
  await database.drop();
});

const housekeeping = () => community.service(HousekeepingService);

async function state(): Promise<{ recorded: number[]; stored: number[] }> {
  const rows = await community.sql<{ id: number }>('SELECT id FROM files ORDER BY id');
  const stored: number[] = [];
  for await (const page of store.list()) stored.push(...page.map(({ id }) => id));
  return { recorded: rows.map(({ id }) => id), stored: stored.sort((a, b) => a - b) };
}

describe('expired files', () => {
  it('go with their bytes, in one request, and others stay', async () => {
    const expired = [await room.upload(ann), await room.upload(ann), await room.upload(ann)];
    const taken = await room.upload(ann);
    await room.post(ann, { files: [taken] });
    community.clock.now += UPLOAD_LIFETIME;
    s3.requests.length = 0;
    expect((await housekeeping().run()).files).toBe(expired.length);
    expect(s3.requests).toEqual(['POST /plaza-files/?delete']);
    expect(await state()).toEqual({ recorded: [taken], stored: [taken] });
    expect((await housekeeping().run()).files).toBe(0);
  });

  it('wait for a store that is away, while everything else goes on', async () => {
    const [first, second] = [await room.upload(ann), await room.upload(ann)];
    await community.sql(`INSERT INTO moderation_log (at, action, via) VALUES ($1, 'test', 'worker')`, [
      community.clock.now - 91 * 86_400,
    ]);
    community.clock.now += UPLOAD_LIFETIME;
    s3.fault = { kind: 'status', status: 503, code: 'SlowDown' };
    expect(await housekeeping().run()).toMatchObject({ files: 0, logEntries: 1 });
    const later = await room.upload(ann).catch((error: unknown) => error);
    expect(later).toMatchObject({ name: 'FilesUnavailableError' });
    s3.fault = undefined;
    expect(await state()).toEqual({ recorded: [], stored: [first, second] });
    await housekeeping().run();
    expect(await state()).toEqual({ recorded: [], stored: [] });
  });

  it('are not taken out of the records by the hundred while their bytes cannot follow', async () => {
    const uploads = await Promise.all([1, 2, 3].map(() => room.upload(ann)));
    community.clock.now += UPLOAD_LIFETIME;
    s3.fault = { kind: 'status', status: 503, code: 'SlowDown' };
    await housekeeping().run();
    await community.sql(
      `INSERT INTO files (room_id, uploader_id, size, uploaded_at, expires_at)
       SELECT id, $1, 1, 0, 1 FROM rooms, generate_series(1, 5)`,
      [ann.id],
    );
    await housekeeping().run();
    expect(await community.value('SELECT count(*) FROM files')).toBe(5);
    s3.fault = undefined;
    await housekeeping().run();
    expect(await state()).toEqual({ recorded: [], stored: [] });
    expect(uploads).toHaveLength(3);
  });
});

describe('an upload', () => {
  it('whose record cannot be written leaves no bytes', async () => {
    const { access, identity } = await room.as(ann);
    await community.rooms.delete(community.operator, room.token);
    const upload = community.service(FilesService).upload(identity, access, Buffer.from('x'), undefined);
    await expect(upload).rejects.toMatchObject({ status: 404 });
    expect((await state()).stored).toEqual([]);
  });

  it('that is refused stays refused when its bytes cannot be removed', async () => {
    const { access, identity } = await room.as(ann);
    await community.rooms.delete(community.operator, room.token);
    s3.fault = { kind: 'status', status: 503, code: 'SlowDown', method: 'DELETE' };
    const upload = community.service(FilesService).upload(identity, access, Buffer.from('x'), undefined);
    await expect(upload).rejects.toMatchObject({ status: 404 });
  });
});
