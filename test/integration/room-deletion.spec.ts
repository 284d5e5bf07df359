import type { RoomToken } from '../../libs/protocol/ids.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const community = eachWithCommunity();

const EMPTIED = [
  'messages',
  'message_revisions',
  'pins',
  'reactions',
  'reactors',
  'permission_overrides',
  'scheduled_changes',
  'room_activity',
];
const count = (table: string) => community().value<number>(`SELECT count(*) FROM ${table}`);
const remove = (token: string) => community().rooms.delete(community().operator, token as RoomToken);

/** A room with a row in every table that can belong to one. */
async function fill(token: string): Promise<void> {
  const room = await community().room(token);
  const [ann, ben] = [await community().member('ann'), await community().member('ben')];
  const { id } = await community().post(room, ann, 'hello');
  const roomId = await community().value<number>('SELECT id FROM rooms WHERE token = $1', [room]);
  const statements: [string, unknown[]][] = [
    [
      `INSERT INTO message_revisions (message_id, replaced_at, data, data_size, signature)
       VALUES ($1, 1, '', 0, decode(repeat('00', 64), 'hex'))`,
      [id],
    ],
    [
      'INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES ($1, $2, $3, 1)',
      [roomId, id, ann.id],
    ],
    [
      `WITH made AS (INSERT INTO reactions (message_id, emoji) VALUES ($1, 'x') RETURNING id)
       INSERT INTO reactors (reaction_id, user_id, reacted_at) SELECT id, $2, 1 FROM made`,
      [id, ben.id],
    ],
    [
      'INSERT INTO permission_overrides (room_id, user_id, moderator) VALUES ($1, $2, true)',
      [roomId, ann.id],
    ],
    [
      'INSERT INTO scheduled_changes (room_id, user_id, due_at, read) VALUES ($1, $2, 1, true)',
      [roomId, ben.id],
    ],
    ['INSERT INTO room_activity (room_id, user_id, last_active_at) VALUES ($1, $2, 1)', [roomId, ben.id]],
    [
      'INSERT INTO files (room_id, uploader_id, message_id, size, uploaded_at, expires_at) VALUES ($1, $2, $3, 5, 1, 1e12)',
      [roomId, ann.id, id],
    ],
    [
      `WITH image AS (INSERT INTO files (room_id, size, uploaded_at) VALUES ($1, 5, 1) RETURNING id)
       UPDATE rooms SET image_id = image.id FROM image WHERE rooms.id = $1`,
      [roomId],
    ],
    [
      `INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at) VALUES ($1, $2, '', 1, 2)`,
      [ann.id, ben.id],
    ],
  ];
  for (const [text, values] of statements) await community().sql(text, values);
}

describe('deleting a room', () => {
  it('removes everything in it, in whatever case it is named', async () => {
    await fill('Lobby');
    expect(await Promise.all(EMPTIED.map(count))).toEqual(EMPTIED.map(() => 1));
    expect(await remove('lOBBY')).toBe(true);
    expect(await Promise.all(EMPTIED.map(count))).toEqual(EMPTIED.map(() => 0));
    expect(await count('rooms')).toBe(0);
  });

  it('expires its files at once, the image too', async () => {
    await fill('lobby');
    await remove('lobby');
    expect(await community().sql('SELECT room_id, message_id, expires_at FROM files')).toEqual(
      [1, 2].map(() => ({ room_id: null, message_id: null, expires_at: community().clock.now })),
    );
  });

  it('keeps users and direct messages', async () => {
    await fill('lobby');
    const users = await count('users');
    await remove('lobby');
    expect(await count('users')).toBe(users);
    expect(await count('direct_messages')).toBe(1);
  });

  it('keeps what was logged about it, with its token', async () => {
    await fill('lobby');
    await remove('lobby');
    expect(
      await community().sql('SELECT action, room_id, room_token FROM moderation_log ORDER BY id'),
    ).toEqual([
      { action: 'room.create', room_id: null, room_token: 'lobby' },
      { action: 'room.delete', room_id: null, room_token: 'lobby' },
    ]);
  });

  it('leaves other rooms alone', async () => {
    await fill('lobby');
    await fill('other');
    await remove('lobby');
    expect(await Promise.all(EMPTIED.map(count))).toEqual(EMPTIED.map(() => 1));
    expect(
      await community().sql('SELECT expires_at FROM files WHERE room_id IS NOT NULL ORDER BY id'),
    ).toEqual([{ expires_at: 1e12 }, { expires_at: null }]);
  });

  it('is refused for one that is not there, and nothing is logged', async () => {
    expect(await remove('nowhere')).toBe(false);
    expect(await count('moderation_log')).toBe(0);
  });

  it('makes way for a new room of that token', async () => {
    await fill('lobby');
    await remove('lobby');
    expect(await community().room('LOBBY')).toBe('LOBBY');
    expect(await community().access('lobby' as RoomToken)).toMatchObject({
      room: { messageSequence: 0, infoUpdates: 0 },
    });
  });

  it('makes a post that is under way at that moment a 404, not a loss', async () => {
    const room = await community().room('lobby');
    const ann = await community().member('ann');
    const access = await community().access(room, ann);
    await remove('lobby');
    const post = { data: Buffer.from('late'), signature: ann.account.signBlinded(Buffer.from('late')) };
    await expect(community().posts.post(await community().identity(ann), access, post)).rejects.toMatchObject(
      {
        status: 404,
      },
    );
  });
});
