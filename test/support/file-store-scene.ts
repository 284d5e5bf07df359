import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writeMark } from '../../libs/community/file-store-mark.js';
import { blobPath } from '../../libs/storage/blob-layout.js';
import type { BlobStore } from '../../libs/storage/blob-store.js';
import { RoomScene } from './room-scene.js';
import type { Community, Member } from './scratch-community.js';

const HOUR = 3600;
const DAY = 86_400;

/** A community with files in its store, which can be made to disagree. */
export class FileStoreScene {
  private constructor(
    readonly community: Community,
    readonly room: RoomScene,
    private readonly ann: Member,
  ) {}

  static async of(community: Community): Promise<FileStoreScene> {
    const room = await RoomScene.of(community);
    return new FileStoreScene(community, room, await room.member('ann'));
  }

  get store(): BlobStore {
    return this.community.blobs;
  }

  /** Marks a store, the community's own if not said otherwise, as that of this community. */
  async mark(
    over: { store?: BlobStore; server?: string; since?: number; complete?: boolean } = {},
  ): Promise<void> {
    const { store = this.store, ...rest } = over;
    const since = this.community.clock.now - 30 * DAY;
    await writeMark(store, { server: this.community.publicKeyHex, since, complete: true, ...rest });
  }

  /** Files of a message, all of two hours ago as far as records tell; returns their ids. */
  async files(count: number, content = (id: number) => Buffer.from(`bytes of ${id}`)): Promise<number[]> {
    const ids: number[] = [];
    for (let made = 0; made < count; made++) {
      const id = await this.room.upload(this.ann, { bytes: content(made) });
      ids.push(id);
    }
    await this.community.sql(
      'UPDATE files SET uploaded_at = $2::float8, expires_at = $2::float8 + $3 WHERE id = ANY($1)',
      [ids, this.community.clock.now - 2 * HOUR, 15 * DAY],
    );
    return ids;
  }

  /** Records alone, of two hours ago; returns their ids. */
  async hollow(count: number): Promise<number[]> {
    const rows = await this.community.sql<{ id: number }>(
      `INSERT INTO files (room_id, uploader_id, size, uploaded_at, expires_at)
       SELECT rooms.id, $2, 3, $3::float8, $3::float8 + $4 FROM rooms, generate_series(1, $5)
       WHERE token = $1 RETURNING id`,
      [this.room.token, this.ann.id, this.community.clock.now - 2 * HOUR, 15 * DAY, count],
    );
    return rows.map(({ id }) => id);
  }

  /** Bytes alone, under ids that the database gave out; two hours old, unless they are to be fresh. */
  async orphans(count: number, { fresh = false } = {}): Promise<number[]> {
    const ids = await this.hollow(count);
    await this.community.sql('DELETE FROM files WHERE id = ANY($1)', [ids]);
    for (const id of ids) await this.store.put(id, Buffer.from('orphan'));
    if (!fresh) this.age(ids);
    return ids;
  }

  /** Makes stored bytes two hours old. */
  age(ids: readonly number[]): void {
    const time = this.community.clock.now - 2 * HOUR;
    for (const id of ids) utimesSync(join(this.community.folder, 'files', blobPath(id)), time, time);
  }

  /** Loses bytes. */
  async lose(ids: readonly number[]): Promise<void> {
    await this.store.delete(ids);
  }

  async recorded(): Promise<number[]> {
    return (await this.community.sql<{ id: number }>('SELECT id FROM files ORDER BY id')).map(({ id }) => id);
  }

  async stored(store = this.store): Promise<number[]> {
    const ids: number[] = [];
    for await (const page of store.list()) ids.push(...page.map(({ id }) => id));
    return ids.sort((a, b) => a - b);
  }
}
