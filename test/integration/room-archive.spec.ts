import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveScene } from '../support/archive-scene.js';
import { TransferScene } from '../support/transfer-scene.js';

let scene: ArchiveScene;
let here: TransferScene;
let folder: string;
beforeEach(async () => {
  scene = await ArchiveScene.make();
  ({ here, folder } = scene);
});
afterEach(() => scene.end());

const add = (to: TransferScene, token?: string) => scene.add({ token }, to);

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
    writeFileSync(path, whole.toString().replace('plaza-room-2', 'plaza-room-1'));
    await expect(add(here, 'a')).rejects.toThrow(/an earlier version of Plaza wrote it/);
    writeFileSync(path, whole);
    const file = join(folder, 'files', '02', '2');
    writeFileSync(file, Buffer.alloc(readFileSync(file).length, 'others'));
    await expect(add(here, 'a')).rejects.toThrow(/the file 2 is not in files, or was changed/);
    rmSync(file);
    await expect(add(here, 'a')).rejects.toThrow(/the file 2 is not in files/);
  });

  it('with a link among its files publishes nothing of this computer', async () => {
    const [path, key] = [join(folder, 'files', '02', '2'), join(here.folder, 'secret')];
    writeFileSync(key, readFileSync(path)); // as large as it should be
    rmSync(path);
    symlinkSync(key, path);
    await expect(add(here, 'aquarium')).rejects.toThrow(
      /files\/02\/2 is a link or another thing than a file/,
    );
    expect(await here.target.findRoom('aquarium')).toBeUndefined();
  });

  it('that is a link or a pipe itself is not read', async () => {
    const path = join(folder, 'room.jsonl');
    const whole = readFileSync(path);
    rmSync(path);
    execFileSync('mkfifo', [path]);
    await expect(add(here, 'a')).rejects.toThrow(/is a link or another thing than a file/);
    rmSync(path);
    writeFileSync(join(folder, 'elsewhere'), whole);
    symlinkSync(join(folder, 'elsewhere'), path);
    await expect(add(here, 'a')).rejects.toThrow(/is a link or another thing than a file/);
  });

  it('brings its rules along, of whatever kind, and they are as they were', async () => {
    const filters = {
      profanity: { enabled: true, words: ['zwölf', 'a b'], silent: false },
      alphabets: { names: ['arabic'] },
      replies: [{ type: '*', public: true, templates: ['"{mention}"\t\\ 🐟'] }],
    };
    const automod = {
      slowMode: { seconds: 25 },
      flood: { seconds: 1e4, posts: 3 },
      links: null,
      mentions: { max: 0 },
    };
    await here.session.rows(
      `INSERT INTO room_rules (room_id, filters, automod) SELECT id, $1, $2 FROM rooms WHERE token = 'fish'`,
      [JSON.stringify(filters), JSON.stringify(automod)],
    );
    await scene.export();
    await add(here, 'aquarium');
    expect(
      await here.rows(
        `SELECT filters, automod FROM room_rules, rooms WHERE room_id = id AND token = 'aquarium'`,
      ),
    ).toEqual([{ filters, automod }]);
  });

  it('may hold what other programs take for the end of a line', async () => {
    await here.rows(`UPDATE files SET filename = E'a\\u2028b\\u2029c\\rd' WHERE id = 2`);
    await scene.export();
    await add(here, 'aquarium');
    const names = await here.rows(`SELECT filename FROM files WHERE filename LIKE 'a%' ORDER BY id`);
    expect(names).toEqual([{ filename: 'a\u2028b\u2029c\rd' }, { filename: 'a\u2028b\u2029c\rd' }]);
  });
});
