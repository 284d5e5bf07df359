import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../protocol/ids.js';
import { Database, statement } from './database.js';

const ROOMS = statement(
  'fill.rooms',
  `INSERT INTO rooms (token, name, description, created_at)
   SELECT $1 || n, 'Room ' || n, 'Made to be full', $3 FROM generate_series(1, $2::integer) AS n
   ON CONFLICT (token_key) DO NOTHING`,
);
const ROOM_IDS = statement(
  'fill.room-ids',
  `SELECT id FROM rooms WHERE token_key LIKE $1 || '%' ORDER BY id`,
);
const USERS = statement(
  'fill.users',
  `INSERT INTO users (session_id, created_at, last_active_at)
   SELECT '15' || md5($1 || n) || md5(n || $1), $4, $4
   FROM generate_series($2::integer, $3::integer) AS n ON CONFLICT (session_id) DO NOTHING`,
);
const USER_IDS = statement(
  'fill.user-ids',
  `SELECT coalesce(min(id), 0) AS least, coalesce(max(id), 0) AS most FROM users WHERE session_id LIKE '15%'`,
);
const MESSAGES = statement(
  'fill.messages',
  // As many clients would have posted them, one a second, by whomever.
  `WITH room AS (
     UPDATE rooms SET message_sequence = message_sequence + $2 WHERE id = $1
     RETURNING message_sequence - $2 AS before),
   author AS (SELECT n, (SELECT id FROM users WHERE id >= $3::bigint + floor(random() * ($4::bigint - $3::bigint + 1) + n * 0)
     ORDER BY id LIMIT 1) AS id FROM generate_series(1, $2::integer) AS n)
   INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
   SELECT $1, author.id, $5::float8 + author.n, room.before + author.n, room.before + author.n,
     ($6::bytea[])[1 + author.n % cardinality($6::bytea[])], $7::integer, decode(repeat(md5(author.n::text), 4), 'hex')
   FROM author, room ORDER BY author.n`,
);
const ACTIVITY = statement(
  'fill.activity',
  `INSERT INTO room_activity (room_id, user_id, last_active_at)
   SELECT DISTINCT room_id, author_id, $2::float8 FROM messages WHERE room_id = $1
   ON CONFLICT (room_id, user_id) DO NOTHING`,
);

/** Rows for tests and demonstrations, many at once. */
@Injectable()
export class FillRepository {
  constructor(private readonly database: Database) {}

  /** Rooms `PREFIX1`, `PREFIX2` …; those that are there already stay. Returns the ids of all with that prefix. */
  async rooms(prefix: RoomToken, count: number, createdAt: number): Promise<number[]> {
    await this.database.query(ROOMS, [prefix, count, createdAt]);
    return (await this.database.query<{ id: number }>(ROOM_IDS, [prefix.toLowerCase()])).map(({ id }) => id);
  }

  /** Users number `from` to `to` of those that `seed` names; nobody has their keys. */
  async users(seed: string, from: number, to: number, seenAt: number): Promise<void> {
    await this.database.query(USERS, [seed, from, to, seenAt]);
  }

  /** The least and the greatest id of a blinded user. */
  async userIds(): Promise<{ least: number; most: number }> {
    return (await this.database.query<{ least: number; most: number }>(USER_IDS))[0]!;
  }

  /** `count` messages in a room, by users between these ids, with `contents` (unpadded) in turn. */
  async messages(
    roomId: number,
    count: number,
    given: {
      authors: { least: number; most: number };
      postedAfter: number;
      contents: readonly Buffer[];
      size: number;
    },
  ): Promise<void> {
    const { authors, postedAfter, contents, size } = given;
    await this.database.query(MESSAGES, [
      roomId,
      count,
      authors.least,
      authors.most,
      postedAfter,
      contents,
      size,
    ]);
  }

  /** Whoever wrote in the room was there. */
  async activity(roomId: number, at: number): Promise<void> {
    await this.database.query(ACTIVITY, [roomId, at]);
  }
}
