import { Config } from '../../libs/config/config.js';
import { RoomScene } from '../support/room-scene.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const community = eachWithCommunity();

it('of a message that is edited again and again the latest former versions stay, of others all', async () => {
  const scene = await RoomScene.of(community());
  const ann = await scene.member('ann');
  const { revisionsPerMessageMax } = community().service(Config).limits;
  const [often, once] = [await scene.post(ann), await scene.post(ann)];
  await scene.edit(ann, once.id, 'once');
  const revisions = (id: number) =>
    community().sql<{ id: number }>('SELECT id FROM message_revisions WHERE message_id = $1 ORDER BY id', [
      id,
    ]);
  for (let count = 0; count < revisionsPerMessageMax; count++) await scene.edit(ann, often.id, `${count}`);
  const before = await revisions(often.id);
  expect(before).toHaveLength(revisionsPerMessageMax);
  await scene.edit(ann, often.id, 'last');
  const after = await revisions(often.id);
  expect(after.slice(0, -1)).toEqual(before.slice(1));
  expect(after).toHaveLength(revisionsPerMessageMax);
  expect(await revisions(once.id)).toHaveLength(1);
});
