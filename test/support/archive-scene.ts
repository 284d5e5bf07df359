import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { merge } from '../../libs/community/transfer/merge.js';
import { endLine } from '../../libs/community/transfer/rooms/archive-lines.js';
import { ArchiveSeal } from '../../libs/community/transfer/rooms/archive-seal.js';
import { exportRoom } from '../../libs/community/transfer/rooms/export-room.js';
import { RoomArchive, type RoomArchiveOptions } from '../../libs/community/transfer/rooms/room-archive.js';
import { RunningDigest } from '../../libs/crypto/running-digest.js';
import { copyReference } from './sogs-samples.js';
import { NOW, TransferScene } from './transfer-scene.js';

/** An installation with what the reference server has, and its room fish as an archive. */
export class ArchiveScene {
  private constructor(
    readonly here: TransferScene,
    readonly folder: string,
  ) {}

  static async make(): Promise<ArchiveScene> {
    const here = await TransferScene.make();
    await here.importSogs(copyReference(join(here.folder, 'reference')));
    const scene = new ArchiveScene(here, join(here.folder, 'archive'));
    await scene.export();
    return scene;
  }

  get seal(): ArchiveSeal {
    return new ArchiveSeal(this.here.crypto, readFileSync(this.here.keyFile));
  }

  async export(): Promise<void> {
    const { here, folder, seal } = this;
    await here.session.transaction('snapshot', async () => {
      const { publicKey } = (await here.target.state())!;
      const { id, token } = (await here.target.findRoom('FISH'))!;
      const head = { publicKey, token, exportedAt: NOW };
      return exportRoom({ from: here.target, blobs: here.blobs, roomId: id, head, folder, seal });
    });
  }

  async add(options: RoomArchiveOptions = {}, to = this.here) {
    const { arrivals } = await RoomArchive.open(this.folder, { seal: this.seal, ...options });
    return merge({ target: to.target, blobs: to.blobs, arrivals });
  }

  /** The lines without the last. */
  get lines(): string[] {
    return readFileSync(join(this.folder, 'room.jsonl'), 'utf8').trimEnd().split('\n').slice(0, -1);
  }

  /** As somebody writes them who makes the sums right. */
  set lines(lines: readonly string[]) {
    const text = lines.map((line) => `${line}\n`).join('');
    const digest = new RunningDigest();
    digest.add(Buffer.from(text));
    const end = endLine({ lines: lines.length, sha256: digest.hex() });
    writeFileSync(join(this.folder, 'room.jsonl'), `${text}${end}\n`);
  }

  edit(from: string | RegExp, to: string): void {
    const text = this.lines.join('\n');
    this.lines = text.replace(from, to).split('\n');
  }

  /** After everything else. */
  append(line: unknown): void {
    this.lines = [...this.lines, typeof line === 'string' ? line : JSON.stringify(line)];
  }

  end(): Promise<void> {
    return this.here.end();
  }
}
