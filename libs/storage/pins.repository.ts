import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement } from './database.js';

export interface PinRecord {
  roomId: number;
  messageId: number;
  pinnedAt: number;
  pinnedBy: SessionId;
}

const LIST = statement(
  'pins.of-rooms',
  `SELECT pins.room_id AS "roomId", message_id AS "messageId", pinned_at AS "pinnedAt", session_id AS "pinnedBy"
   FROM pins JOIN users ON users.id = pinned_by_id WHERE pins.room_id = ANY($1)
   ORDER BY pinned_at, message_id`,
);

@Injectable()
export class PinsRepository {
  constructor(private readonly database: Database) {}

  /** Oldest pin first. */
  async ofRooms(roomIds: readonly number[]): Promise<PinRecord[]> {
    return this.database.query(LIST, [roomIds]);
  }
}
