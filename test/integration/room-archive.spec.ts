import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportRoom } from '../../libs/community/transfer/rooms/export-room.js';
import { RoomArchive } from '../../libs/community/transfer/rooms/room-archive.js';
import { merge } from '../../libs/community/transfer/merge.js';
import { RunningDigest } from '../../libs/crypto/running-digest.js';
import { copyReference } from '../support/sogs-samples.js';
import { NOW, TransferScene } from '../support/transfer-scene.js';

let here: TransferScene;
let folder: string;
beforeEach(async () => {
  here = await TransferScene.make();
  await here.importSogs(copyReference(join(here.folder, 'reference')));
  folder = join(here.folder, 'archive');
  await exported();
});
afterEach(() => here.end());

const exported = () =>
  here.session.transaction('snapshot', async () => {
    const { publicKey } = (await here.target.state())!;
    const { id, token } = (await here.target.findRoom('FISH'))!;
    const head = { publicKey, token, exportedAt: NOW };
    return exportRoom({ from: here.target, blobs: here.blobs, roomId: id, head, folder });
  });

const add = async (to: TransferScene, token?: string) =>
  merge({ target: to.target, blobs: to.blobs, arrivals: (await RoomArchive.open(folder, token)).arrivals });

/** What readers see of a room, by whom and in which order, without ids. */
const seen = (at: TransferScene, token: string) =>
  at.rows(`SELECT m.seqno, m.seqno_creation, m.posted_at, m.data, m.data_size, m.signature, u.session_id,
      (SELECT json_agg(json_build_array(r.emoji, (SELECT json_agg(w.session_id ORDER BY x.reacted_at, x.id)
         FROM reactors x JOIN users w ON w.id = x.user_id WHERE x.reaction_id = r.id)) ORDER BY r.id)
       FROM reactions r WHERE r.message_id = m.id) AS reactions,
      EXISTS (SELECT FROM pins p WHERE p.message_id = m.id) AS pinned
    FROM messages m JOIN users u ON u.id = m.author_id JOIN rooms ON rooms.id = m.room_id
    WHERE rooms.token = '${token}' ORDER BY m.seqno`);
const roles = (at: TransferScene, token: string) =>
  at.rows(`SELECT u.session_id, o.banned, o.moderator, o.admin, o.visible_mod, o.read, o.write, o.upload
    FROM permission_overrides o JOIN users u ON u.id = o.user_id JOIN rooms ON rooms.id = o.room_id
    WHERE rooms.token = '${token}' ORDER BY 1`);

/** Replaces text in the archive as somebody would who makes the sums right afterwards. */
function edit(from: string | RegExp, to: string): void {
  const path = join(folder, 'room.jsonl');
  const lines = readFileSync(path, 'utf8').replace(from, to).trimEnd().split('\n').slice(0, -1);
  const text = lines.map((line) => `${line}\n`).join('');
  const digest = new RunningDigest();
  digest.add(Buffer.from(text));
  writeFileSync(path, `${text}${JSON.stringify({ end: { lines: lines.length, sha256: digest.hex() } })}\n`);
}

describe('an archived room', () => {
  it('comes back beside the original under another token, with everything that belongs to it', async () => {
    const report = await add(here, 'aquarium');
    expect(report.leftOut).toEqual([]);
    expect(report.moved).toMatchObject({ messages: 24, files: 2 });
    expect(await seen(here, 'aquarium')).toEqual(await seen(here, 'fish'));
    expect(await roles(here, 'aquarium')).toEqual(await roles(here, 'fish'));
    const [room] = await here.rows<{ image: number }>(
      `SELECT image_id AS image FROM rooms WHERE token = 'aquarium'`,
    );
    expect(await here.blobs.get(room!.image)).toEqual(await here.blobs.get(1));
  });

  it('keeps its ids where they are free, and leaves behind what another key says of people', async () => {
    const elsewhere = await TransferScene.make();
    await elsewhere.target.begin('ab'.repeat(32), { fingerprint: '', startedAt: 0, written: {} });
    await elsewhere.target.save(null);
    const report = await add(elsewhere);
    expect(report.moved).toEqual({});
    expect(report.leftOut).toContain('permission_overrides');
    expect(await seen(elsewhere, 'fish')).toEqual(await seen(here, 'fish'));
    expect(await roles(elsewhere, 'fish')).toEqual([]);
    expect(await elsewhere.rows(`SELECT FROM users WHERE moderator OR admin OR banned`)).toEqual([]);
    await elsewhere.end();
  });

  it('is refused where its token is taken in any case', async () => {
    await expect(add(here)).rejects.toThrow('Rooms of this name are here already: fish');
    await expect(add(here, 'QUIET_ROOM')).rejects.toThrow('QUIET_ROOM');
  });

  it('that was changed, cut off or lacks a file is refused before anything is written', async () => {
    const path = join(folder, 'room.jsonl');
    const whole = readFileSync(path);
    appendFileSync(path, '{"table":"users","row":{}}\n');
    await expect(add(here, 'a')).rejects.toThrow(/cannot be used/);
    for (const end of [0, 50, 1000, whole.length - 30]) {
      writeFileSync(path, whole.subarray(0, end));
      await expect(add(here, 'a')).rejects.toThrow(/cannot be used|cut off/);
    }
    writeFileSync(path, whole.toString().replace('"emoji":"x"', '"emoji":"y"'));
    await expect(add(here, 'a')).rejects.toThrow(/changed or cut off/);
    writeFileSync(path, whole);
    rmSync(join(folder, 'files', '02', '2'));
    await expect(add(here, 'a')).rejects.toThrow(/the file 2 is not in files/);
  });

  it.each([
    ['a message of a user who is not in it', /"author_id":5/, '"author_id":555', /PostgreSQL refuses a row/],
    [
      'a signature that is none',
      /"signature":"[^"]+"/,
      '"signature":"AAAA"',
      /PostgreSQL refuses a row of messages/,
    ],
    ['a column that nobody knows', /"emoji":/, '"secret":1,"emoji":', /reactions has no column secret/],
    [
      'a table that nobody knows',
      '{"table":"pins"',
      '{"table":"admin_tokens"',
      /Line \d+ of room\.jsonl cannot be used/,
    ],
    ['an id that is none', /"message_id":1,/, '"message_id":"1; DROP TABLE rooms",', /message_id is no id/],
    [
      'a user who makes himself admin of all',
      /"moderator":false,"admin":false/,
      '"moderator":true,"admin":true',
      undefined,
    ],
  ])('with %s does no harm', async (_, from, to, refusal) => {
    edit(from, to);
    const admins = await here.rows(`SELECT session_id FROM users WHERE admin`);
    if (refusal) await expect(add(here, 'aquarium')).rejects.toThrow(refusal);
    else await add(here, 'aquarium');
    expect(await here.rows(`SELECT session_id FROM users WHERE admin`)).toEqual(admins);
    if (refusal) expect(await here.target.findRoom('aquarium')).toBeUndefined();
  });
});
