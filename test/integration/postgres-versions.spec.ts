import { MIGRATIONS_FOLDER } from '../../libs/storage/database-server.js';
import { migrate } from '../../libs/storage/migrations.js';
import { itUnless } from '../support/not-tried.js';
import { communityOn, signed } from '../support/scratch-community.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { InstalledPostgres, installedVersions } from '../support/scratch-installed-postgres.js';

jest.setTimeout(180_000);

const OLDEST = 14;

const versions = installedVersions().filter((version) => Number(version) >= OLDEST);
const obstacle = versions.length > 0 ? undefined : 'there is none in /usr/lib/postgresql';

itUnless(
  obstacle,
  'Plaza works on every PostgreSQL from 14 on that is installed on this machine',
  async () => {
    for (const version of versions) {
      const folder = await scratchFolder();
      const postgres = await InstalledPostgres.start(version, folder);
      try {
        expect(await migrate(postgres.url, MIGRATIONS_FOLDER)).not.toEqual([]);
        await tryEverything(postgres.url);
      } finally {
        await postgres.stop();
        await removeFolder(folder);
      }
    }
  },
);

/** Each kind of statement once. */
async function tryEverything(url: string): Promise<void> {
  const community = await communityOn(url);
  const room = await community.room('Lobby');
  const [ann, ben] = [await community.member('ann'), await community.member('ben')];
  await community.moderators.changeGlobally(community.operator, ben.sessionId, {
    admin: true,
    visible: true,
  });
  await community.moderators.changeInRooms(community.operator, ann.sessionId, [room], { moderator: true });
  const kept = await community.post(room, ann, 'kept');
  const gone = await community.post(room, ann, { whisper_to: ben.sessionId });
  const [identity, access] = [await community.identity(ann), await community.access(room, ann)];
  await community.posts.edit(identity, access, kept.id, signed(ann, 'edited'));
  await community.deletions.deleteOne(identity, access, gone.id);
  const changes = await community.messages.since(
    access,
    { limit: 10, reactors: 4 },
    { seqno: 2, reactionChanges: true },
  );
  expect(changes).toMatchObject([
    { id: kept.id, seqno: 3, edited: community.clock.now },
    { id: gone.id, seqno: 4, deleted: true },
  ]);
  community.activity.seen(ann.id);
  community.activity.visited(access.room.id, ann.id);
  await community.activity.flush();
  expect(await community.rooms.list(identity)).toMatchObject([
    { token: 'Lobby', moderators: [ann.sessionId], admins: [ben.sessionId], info_updates: 2 },
  ]);
  expect(await community.rooms.overviews()).toMatchObject([{ messages: 1 }]);
  expect(await community.rooms.delete(community.operator, room)).toBe(true);
  await community.close();
}
