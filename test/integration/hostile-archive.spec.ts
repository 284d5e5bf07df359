import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveSeal } from '../../libs/community/transfer/rooms/archive-seal.js';
import { ArchiveScene } from '../support/archive-scene.js';
import { TransferScene } from '../support/transfer-scene.js';

/** Anybody can write an archive whose sums are right, and claim any server's public key in it. */

let scene: ArchiveScene;
let here: TransferScene;
let token: string;
let count = 0;
beforeAll(async () => {
  scene = await ArchiveScene.make();
  ({ here } = scene);
});
beforeEach(async () => {
  await scene.export();
  token = `aquarium-${++count}`;
});
afterAll(() => scene.end());

const STRANGE = 'cd'.repeat(32);
const NOBODY = `15${'ab'.repeat(31)}bf`;
const own = async () => (await here.target.state())!.publicKey;
const add = (isTrusted?: boolean) => scene.add({ token, isTrusted });
/** Claims another key, and that nobody in it is of this server. */
async function fromStrangers(): Promise<void> {
  const key = await own();
  let number = 0;
  scene.lines = scene.lines.map((line) =>
    line
      .replaceAll(key, STRANGE)
      .replace(/"session_id":"(15|25)\w+"/, () => `"session_id":"15${String(++number).padStart(64, '0')}"`),
  );
}
const user = (id: number, sessionId: string) => ({
  table: 'users',
  row: {
    id,
    session_id: sessionId,
    created_at: 1,
    banned: false,
    moderator: false,
    admin: false,
    visible_mod: true,
  },
});

describe('an archive that claims the key of this server', () => {
  it('is believed with its seal, also if another server has the same key', async () => {
    expect((await add()).leftOut).toEqual([]);
  });

  it('is refused once anything in it was changed, with another server’s seal, or with none', async () => {
    const refusal = /does not bear its seal/;
    await expect(scene.add({ token: 'x', seal: undefined })).rejects.toThrow(refusal);
    const other = new ArchiveSeal(here.crypto, Buffer.alloc(32, 1));
    await expect(scene.add({ token: 'x', seal: other })).rejects.toThrow(refusal);
    scene.edit('"emoji":"x"', '"emoji":"y"');
    await expect(add()).rejects.toThrow(refusal);
    expect(await here.target.findRoom(token)).toBeUndefined();
    await add(true); // the operator knows better
    expect(await here.target.findRoom(token)).toBeDefined();
  });
});

describe('an archive of another server', () => {
  it('comes in without roles and bans, and twice from one server with the same people', async () => {
    await fromStrangers();
    const { leftOut } = await add();
    expect(leftOut).toContain('permission_overrides');
    const overrides = `SELECT FROM permission_overrides JOIN rooms ON rooms.id = room_id WHERE token = '${token}'`;
    expect(await here.rows(overrides)).toEqual([]);
    await scene.add({ token: 'again' });
    expect(await here.target.findRoom('again')).toBeDefined();
  });

  it('speaks for nobody who is a member here', async () => {
    scene.edit(await own(), STRANGE);
    await expect(add()).rejects.toThrow(/would speak for people of this one/);
    expect(await here.target.findRoom(token)).toBeUndefined();
  });

  it.each(['3f', 'bf'])('speaks for nobody who is expected here (…%s)', async (lastByte) => {
    await here.rows(`WITH named AS (INSERT INTO users (session_id, created_at, banned)
        VALUES ('05${'77'.repeat(32)}', 1, true) ON CONFLICT DO NOTHING RETURNING id)
      INSERT INTO pending_blinding SELECT '15${'ab'.repeat(31)}3f', id FROM named`);
    await fromStrangers();
    scene.lines = [
      scene.lines[0]!,
      JSON.stringify(user(900_001, `15${'ab'.repeat(31)}${lastByte}`)),
      ...scene.lines.slice(1),
    ];
    await expect(add()).rejects.toThrow(/would speak for people of this one/);
  });

  it('speaks for no server but the one it names', async () => {
    await fromStrangers();
    scene.lines = [
      scene.lines[0]!,
      JSON.stringify(user(900_001, `ff${await own()}`)),
      ...scene.lines.slice(1),
    ];
    await expect(add()).rejects.toThrow(/names another server/);
  });
});

const LATE = 2 ** 45;
describe('even an archive that is trusted does no harm', () => {
  it.each([
    ['a message of a user who is not in it', /"author_id":5/, '"author_id":555', /author_id names users 555/],
    ['a user of this server who is not in it', /"author_id":5/, '"author_id":1', /author_id names users 1,/],
    ['a signature that is none', /"signature":"[^"]+"/, '"signature":"AAAA"', /refuses a row of messages/],
    ['a column that nobody knows', /"emoji":/, '"secret":1,"emoji":', /reactions has no column secret/],
    ['a table that nobody knows', '{"table":"pins"', '{"table":"admin_tokens"', /Line \d+ .* cannot be used/],
    [
      'a table that is said twice',
      '{"table":"pins",',
      '{"table":"pins","table":"room_activity",',
      /cannot be used/,
    ],
    ['a file without an id', /("table":"files","row":{)"id":\d+,/, '$1', /Line \d+ .* id is no id/],
    ['an id that is none', /"message_id":1,/, '"message_id":"1; DROP TABLE rooms",', /message_id is no id/],
    [
      'an id after which none is left',
      /("table":"users","row":{)"id":\d+,/,
      `$1"id":${LATE},`,
      /id is no id/,
    ],
    [
      'a counter as text',
      /"message_sequence":\d+/,
      '"message_sequence":"9223372036854775807"',
      /no value of its kind/,
    ],
    ['a counter at its end', /"message_sequence":\d+/, `"message_sequence":${LATE}`, /no value of its kind/],
    [
      'a counter behind its messages',
      /"message_sequence":\d+/,
      '"message_sequence":3',
      /beyond that of the room/,
    ],
    ['a time that is none', /"posted_at":[\d.]+/, '"posted_at":"NaN"', /posted_at has no value of its kind/],
    ['a file of no room', /("table":"files","row":{"id":\d+,"room_id":)\d+/, '$1null', /files is of no room/],
    ['another token than it says', '"token":"fish","name"', '"token":"QUIET","name"', /token is another/],
    ['an image that is a file of this server', /"fileId":\d+/, '"fileId":1000', /not in the archive/],
    ['an image for a room of this server', /"roomId":\d+/, '"roomId":2', /the image is of another room/],
  ])('with %s', async (_, from, to, refusal) => {
    const before = scene.lines.join('\n');
    scene.edit(from, to);
    expect(scene.lines.join('\n')).not.toBe(before);
    await expect(add(true)).rejects.toThrow(refusal);
    expect(await here.target.findRoom(token)).toBeUndefined();
  });

  it.each([
    [
      'somebody expected',
      { table: 'pending_blinding', row: { absolute_id: `15${'ab'.repeat(31)}3f`, user_id: 1 } },
    ],
    [
      'direct messages',
      {
        table: 'direct_messages',
        row: {
          id: 900,
          sender_id: 1,
          recipient_id: 2,
          body: '',
          posted_at: 1,
          expires_at: 9e9,
          swallowed: false,
        },
      },
    ],
    [
      'a ban everywhere',
      { table: 'scheduled_changes', row: { id: 9, room_id: null, user_id: 5, due_at: 1, banned: true } },
    ],
    [
      'a role elsewhere',
      { table: 'permission_overrides', row: { room_id: 2, user_id: 5, moderator: true, admin: true } },
    ],
    ['rules that are none', { table: 'room_rules', row: { room_id: 1, filters: { evil: 1 }, automod: {} } }],
    ['a second room', { table: 'rooms', row: { id: 900, token: 'fish', name: 'x', message_sequence: 0 } }],
    ['a second image', { image: { roomId: 1, fileId: 2 } }],
    ['the same user again', user(5, NOBODY)],
    [
      'rules that are nested without end',
      `{"table":"room_rules","row":{"room_id":1,"filters":${'['.repeat(20_000)}${']'.repeat(20_000)},"automod":{}}}`,
    ],
  ])('with %s in it', async (_, line) => {
    scene.append(line);
    await expect(add(true)).rejects.toThrow(/cannot be used|not valid/);
    expect(await here.target.findRoom(token)).toBeUndefined();
  });

  it('with a user who makes himself admin of all', async () => {
    const admins = await here.rows(`SELECT session_id FROM users WHERE admin ORDER BY 1`);
    scene.edit(/"session_id":"[^"]+"/, `"session_id":"${NOBODY}"`);
    scene.edit(/"banned":\w+,"moderator":\w+,"admin":\w+/, '"banned":false,"moderator":true,"admin":true');
    await add(true);
    expect(await here.rows(`SELECT session_id FROM users WHERE admin ORDER BY 1`)).toEqual(admins);
  });

  it('where bytes of another file were left under an id that it gets', async () => {
    const [last] = await here.rows<{ id: number }>(
      `SELECT pg_sequence_last_value(pg_get_serial_sequence('files', 'id')::regclass) AS id`,
    );
    for (const id of [last!.id + 1, last!.id + 2]) {
      const at = join(here.folder, 'files', (id % 256).toString(16).padStart(2, '0'));
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, String(id)), Buffer.alloc((await here.blobs.sizeOf(id - last!.id))!, 'secret'));
    }
    const { moved } = await add(true);
    for (const id of [1, 2])
      expect(await here.blobs.get(id + moved['files']!)).toEqual(await here.blobs.get(id));
  });
});
