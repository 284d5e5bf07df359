import { parseRoomAutomod } from '../../../moderation/automod-rules.js';
import { parseRoomRules } from '../../../moderation/filter-rules.js';
import { parseRoomToken } from '../../../protocol/ids.js';
import type { RoomImage } from '../../../storage/transfer/transfer-target.js';
import type { Numbered, TransferRow, TransferTable } from '../../../storage/transfer/transfer-tables.js';
import { IdSet } from '../../id-set.js';
import { ImportError } from '../import-error.js';
import { ARCHIVE, wrongLine, type ArchiveHead } from './archive-lines.js';

/**
 * Judges an archive line by line: it holds one room, and nothing in it speaks of anything that is not in it. Every row
 * comes after those that it names, as `exportRoom` writes them. Throws {@link ImportError}.
 */
export class ArchiveLook {
  private readonly seen = new Map<Numbered, IdSet>();
  private head!: ArchiveHead;
  private room: { id: number; counter: number } | undefined;
  private hasImage = false;
  private line = 0;

  /** Which line is looked at next. */
  at(line: number): this {
    this.line = line;
    return this;
  }

  start(head: ArchiveHead): void {
    if (!parseRoomToken(head.token)) throw this.wrong('its token is none');
    this.head = head;
  }

  row(table: TransferTable, row: TransferRow): void {
    for (const { name, of } of table.columns) {
      const id = row[name];
      if (of === undefined || name === 'id') continue;
      if (name === 'room_id' && id === null) throw this.wrong(`${table.name} is of no room`);
      if (id !== null && !this.idsOf(of).has(id as number))
        throw this.wrong(`${name} names ${of} ${String(id)}, which is not in the archive before it`);
    }
    if (table.numbered) this.add(table.name as Numbered, row['id'] as number);
    if (table.name === 'users') this.user(row);
    if (table.name === 'rooms') this.roomRow(row);
    if (table.name === 'messages') this.message(row);
    if (table.name === 'room_rules') this.rules(row);
  }

  image({ roomId, fileId }: RoomImage): void {
    if (this.hasImage) throw this.wrong('there is an image before it');
    if (roomId !== this.room?.id || !this.idsOf('files').has(fileId))
      throw this.wrong('the image is of another room, or not in the archive');
    this.hasImage = true;
  }

  end(): void {
    if (!this.room) throw new ImportError(`${ARCHIVE} does not hold a room. Nothing was changed.`);
  }

  private user(row: TransferRow): void {
    const sessionId = String(row['session_id']);
    if (sessionId.startsWith('ff') && sessionId !== `ff${this.head.publicKey}`)
      throw this.wrong('it names another server');
  }

  private roomRow(row: TransferRow): void {
    if (this.room) throw this.wrong('there is a room before it');
    if (row['token'] !== this.head.token) throw this.wrong('the token is another than at the beginning');
    this.room = { id: row['id'] as number, counter: row['message_sequence'] as number };
  }

  /** The next message of the room would get the number of one that is there. */
  private message(row: TransferRow): void {
    const highest = Math.max(Number(row['seqno_data']), Number(row['seqno_reactions']));
    if (highest > this.room!.counter) throw this.wrong('its sequence number is beyond that of the room');
  }

  private rules(row: TransferRow): void {
    parseRoomRules(JSON.parse(row['filters'] as string), this.head.token);
    parseRoomAutomod(JSON.parse(row['automod'] as string), this.head.token);
  }

  private add(of: Numbered, id: number): void {
    const ids = this.idsOf(of);
    if (ids.has(id)) throw this.wrong(`${of} ${id} is there twice`);
    try {
      ids.add(id);
    } catch {
      throw this.wrong('its ids lie too far apart');
    }
  }

  private idsOf(of: Numbered): IdSet {
    const ids = this.seen.get(of) ?? new IdSet();
    this.seen.set(of, ids);
    return ids;
  }

  private wrong(why: string): ImportError {
    return wrongLine(this.line, why);
  }
}
