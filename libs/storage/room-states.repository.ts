import { Injectable } from '@nestjs/common';
import { roomTokenKey, type RoomToken } from '../protocol/ids.js';
import { Database, statement } from './database.js';
import { OVERRIDE_COLUMNS, type OverrideRecord } from './permissions.repository.js';
import { ROOM_COLUMNS, type RoomRecord } from './room-record.js';

/** A room and which version of its row that is: another one for every change, whoever makes it. */
export interface RoomState {
  record: RoomRecord;
  /** To be compared for equality only. */
  version: string;
}

const VERSION = `rooms.xmin::text AS "rowVersion"`;
const ID = statement('room-states.id', `SELECT id FROM rooms WHERE token_key = $1`);
const STATE = statement('room-states.state', `SELECT ${ROOM_COLUMNS}, ${VERSION} FROM rooms WHERE id = $1`);
const CHANGED = statement(
  'read-models.changed-rooms',
  `SELECT known.id AS "knownId", ${ROOM_COLUMNS}, ${VERSION}
   FROM unnest($1::bigint[], $2::text[]) AS known(id, version) LEFT JOIN rooms ON rooms.id = known.id
   WHERE rooms.id IS NULL OR rooms.xmin::text <> known.version`,
);
const OVERRIDES = statement(
  'room-states.overrides',
  `SELECT override.user_id AS "userId", ${OVERRIDE_COLUMNS} FROM permission_overrides AS override
   WHERE override.room_id = $1 LIMIT $2`,
);

/** What processes keep of rooms in memory, and how they find out what changed. */
@Injectable()
export class RoomStatesRepository {
  constructor(private readonly database: Database) {}

  async idOf(token: RoomToken): Promise<number | undefined> {
    return (await this.database.query<{ id: number }>(ID, [roomTokenKey(token)]))[0]?.id;
  }

  /** Undefined when the room is gone. */
  async state(roomId: number): Promise<RoomState | undefined> {
    const [row] = await this.database.query<StateRow>(STATE, [roomId]);
    return row && stateOf(row);
  }

  /** Of rooms whose versions are `known`, by id: those that changed, undefined for one that is gone. */
  async changed(known: ReadonlyMap<number, string>): Promise<Map<number, RoomState | undefined>> {
    const values = [[...known.keys()], [...known.values()]];
    const rows = await this.database.query<StateRow & { knownId: number }>(CHANGED, values);
    return new Map(rows.map(({ knownId, ...row }) => [knownId, row.id === null ? undefined : stateOf(row)]));
  }

  /** The overrides of a room by user, at most `limit` of them. */
  async overrides(roomId: number, limit: number): Promise<(OverrideRecord & { userId: number })[]> {
    return this.database.query(OVERRIDES, [roomId, limit]);
  }
}

type StateRow = RoomRecord & { rowVersion: string };

const stateOf = ({ rowVersion, ...record }: StateRow): RoomState => ({ record, version: rowVersion });
