import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Transaction } from './database.js';

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
const PIN = statement(
  'pins.pin',
  `INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (room_id, message_id) DO UPDATE SET pinned_by_id = $3, pinned_at = $4`,
);
const MAY_PIN = statement(
  'pins.may-pin',
  `SELECT EXISTS (SELECT FROM pins WHERE room_id = $1 AND message_id = $2)
     OR (SELECT count(*) FROM pins WHERE room_id = $1) < $3 AS "mayPin"`,
);
const UNPIN = statement(
  'pins.unpin',
  `DELETE FROM pins WHERE room_id = $1 AND ($2::bigint IS NULL OR message_id = $2) RETURNING message_id AS "messageId"`,
);

@Injectable()
export class PinsRepository {
  constructor(private readonly database: Database) {}

  /** Oldest pin first. */
  async ofRooms(roomIds: readonly number[]): Promise<PinRecord[]> {
    return this.database.query(LIST, [roomIds]);
  }

  /** Whether it is pinned, or there is room for one more of at most so many. */
  async mayPin(tx: Transaction, roomId: number, messageId: number, pinsMax: number): Promise<boolean> {
    return (await tx.query<{ mayPin: boolean }>(MAY_PIN, [roomId, messageId, pinsMax]))[0]!.mayPin;
  }

  /** Pins, or refreshes who pinned it and when. */
  async pin(
    tx: Transaction,
    pin: { roomId: number; messageId: number; pinnedById: number; pinnedAt: number },
  ): Promise<void> {
    await tx.query(PIN, [pin.roomId, pin.messageId, pin.pinnedById, pin.pinnedAt]);
  }

  /** One message, or (undefined) all; returns the ids of those that were pinned. */
  async unpin(tx: Transaction, roomId: number, messageId: number | undefined): Promise<number[]> {
    const rows = await tx.query<{ messageId: number }>(UNPIN, [roomId, messageId ?? null]);
    return rows.map((row) => row.messageId);
  }
}
