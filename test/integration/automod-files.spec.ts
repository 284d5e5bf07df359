import { createHash } from 'node:crypto';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { jpegOf, pngOf, samplePicture } from '../support/image-samples.js';
import { RoomScene } from '../support/room-scene.js';
import { runWaitingJobs } from '../support/waiting-jobs.js';

const community = allWithCommunity();

// The thread that decodes images takes its time to start, on a machine that has much to do.
jest.setTimeout(180_000);

const PAGE = { limit: 100, reactors: 4 };
const EXECUTABLE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(512, 1)]);

let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community(), 'files');
  ann = await scene.member('ann');
});

const rules = (change: object) =>
  community()
    .service(ModerationRulesService)
    .change(community().operator, scene.token, 'automod', () => change);
const share = async (member: Member, bytes: Buffer, name = 'file.bin') =>
  scene.post(member, { files: [await scene.upload(member, { bytes, name })] });
const visible = async () => (await community().messages.recent((await scene.as(ann)).access, PAGE)).length;
const facts = (id: number) =>
  community().sql<{ sha256: Buffer | null; image_hash: Buffer | null; media_type: string | null }>(
    'SELECT sha256, image_hash, media_type FROM files WHERE id = $1',
    [id],
  );

describe('rules about files', () => {
  it('find the same file again, whoever sends it and whatever it is called', async () => {
    await rules({ duplicates: { copies: 1, seconds: 60 } });
    const ben = await scene.member('ben');
    const bytes = Buffer.from('the same again and again');
    await share(ann, bytes, 'one.txt');
    expect(await share(ben, bytes, 'two.txt')).toHaveProperty('filtered', true);
    expect(await share(ben, Buffer.from('another'))).not.toHaveProperty('filtered');
    expect(await visible()).toBe(2);
  });

  it('delete copies of a file where they are told to', async () => {
    await rules({ duplicates: { copies: 1, seconds: 60, action: 'delete' } });
    const bytes = Buffer.from('the same again and again');
    await share(ann, bytes);
    await share(await scene.member('ben'), bytes);
    await runWaitingJobs(community());
    expect(await visible()).toBe(0);
  });

  it('look at the content, not only at the name', async () => {
    await rules({ files: { denyTypes: ['executable'] } });
    await expect(share(ann, EXECUTABLE, 'holiday.png')).rejects.toMatchObject({
      text: 'filtration rejected message (files)',
    });
    await share(ann, await pngOf(samplePicture(1)), 'holiday.png');
    expect(await visible()).toBe(1);
  });

  it('know an image in another format and size, and no others', async () => {
    const known = await pngOf(samplePicture(7));
    await rules({ images: { hashes: [{ kind: 'perceptual', hash: '0'.repeat(16) }] } });
    const [{ image_hash: hash } = {}] = await facts(await scene.upload(ann, { bytes: known }));
    await rules({ images: { hashes: [{ kind: 'perceptual', hash: hash!.toString('hex') }] } });
    const smaller = await jpegOf(samplePicture(7, 200, 150), 60);
    expect(await share(ann, smaller, 'x.jpg')).toHaveProperty('filtered', true);
    expect(await share(ann, await pngOf(samplePicture(8)))).not.toHaveProperty('filtered');
  });

  it('know a file by its digest', async () => {
    const bytes = Buffer.from('known and unwanted');
    const hash = createHash('sha256').update(bytes).digest('hex');
    await rules({ images: { hashes: [{ kind: 'sha256', hash }] } });
    expect(await share(ann, bytes)).toHaveProperty('filtered', true);
  });

  it('do not look into uploads where no rule asks', async () => {
    const id = await scene.upload(ann, { bytes: await pngOf(samplePicture(1)) });
    expect(await facts(id)).toEqual([{ sha256: null, image_hash: null, media_type: null }]);
  });
});
