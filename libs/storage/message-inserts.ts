import { Pieces } from '../protocol/pieces.js';
import { statement, type Database, type Queries } from './database.js';
import { StorageUnavailableError } from './storage-errors.js';

export interface NewMessage {
  roomId: number;
  authorId: number;
  postedAt: number;
  data: Buffer;
  dataSize: number;
  signature: Buffer;
  whisperToId: number | null;
  whisperMods: boolean;
  /** Taken by a silent filter: never delivered. */
  filtered: boolean;
}

export interface InsertedMessage {
  id: number;
  seqno: number;
}

const COLUMNS = `room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature, whisper_to_id,
  whisper_mods, filtered`;
// The number is taken under the room's row lock, and the id with it, so both become visible in order.
const INSERT = statement(
  'messages.insert',
  `WITH room AS (
     UPDATE rooms SET message_sequence = message_sequence + 1 WHERE id = $1 RETURNING message_sequence)
   INSERT INTO messages (${COLUMNS})
   SELECT $1, $2, $3, message_sequence, message_sequence, $4, $5, $6, $7, $8, $9 FROM room
   RETURNING id, seqno`,
);
const INSERT_SEVERAL = statement(
  'messages.insert-several',
  // In the order of the arrays: ids are drawn after sorting.
  `WITH given AS (
     SELECT * FROM unnest($2::bigint[], $3::float8[], $4::bytea[], $5::int[], $6::bytea[], $7::bigint[], $8::boolean[],
       $9::boolean[]) WITH ORDINALITY
       AS message(author_id, posted_at, data, data_size, signature, whisper_to_id, whisper_mods, filtered, place)),
   room AS (
     UPDATE rooms SET message_sequence = message_sequence + cardinality($2) WHERE id = $1
     RETURNING message_sequence - cardinality($2) AS before)
   INSERT INTO messages (${COLUMNS})
   SELECT $1, author_id, posted_at, before + place, before + place, data, data_size, signature, whisper_to_id,
     whisper_mods, filtered FROM given, room ORDER BY place
   RETURNING id, seqno`,
);

/** Of one statement, which holds the lock of its room meanwhile. */
const SEVERAL_MAX = 50;
const SEVERAL_BYTES_MAX = 256 * 1024;

/**
 * New messages, several at a time in a room where many are posted. Those of one room have to wait for each other at its
 * row lock in any case, and would do so each with a connection of the pool, of which nothing was left for others.
 */
export class MessageInserts {
  private readonly pieces: Pieces<number, NewMessage, InsertedMessage | undefined>;

  constructor(database: Database) {
    this.pieces = new Pieces({
      carryOut: (roomId, messages) =>
        messages.length === 1
          ? insertOne(database, messages[0]!).then((inserted) => [inserted])
          : insertSeveral(database, roomId, messages),
      itemsMax: SEVERAL_MAX,
      bytesMax: SEVERAL_BYTES_MAX,
      bytesOf: ({ data }) => data.length,
      concernsAll: (error) => error instanceof StorageUnavailableError,
    });
  }

  /** Undefined when the room is gone. */
  insert(message: NewMessage): Promise<InsertedMessage | undefined> {
    return this.pieces.add(message.roomId, message);
  }
}

/** Undefined when the room is gone. */
export async function insertOne(queries: Queries, message: NewMessage): Promise<InsertedMessage | undefined> {
  const [inserted] = await queries.query<InsertedMessage>(INSERT, [
    message.roomId,
    message.authorId,
    message.postedAt,
    message.data,
    message.dataSize,
    message.signature,
    message.whisperToId,
    message.whisperMods,
    message.filtered,
  ]);
  if (inserted) await queries.changed({ kind: 'messages', roomId: message.roomId, sequence: inserted.seqno });
  return inserted;
}

/** Nothing when the room is gone. */
async function insertSeveral(
  database: Database,
  roomId: number,
  messages: readonly NewMessage[],
): Promise<InsertedMessage[]> {
  const inserted = await database.query<InsertedMessage>(INSERT_SEVERAL, [
    roomId,
    messages.map(({ authorId }) => authorId),
    messages.map(({ postedAt }) => postedAt),
    messages.map(({ data }) => data),
    messages.map(({ dataSize }) => dataSize),
    messages.map(({ signature }) => signature),
    messages.map(({ whisperToId }) => whisperToId),
    messages.map(({ whisperMods }) => whisperMods),
    messages.map(({ filtered }) => filtered),
  ]);
  inserted.sort((one, other) => one.seqno - other.seqno);
  const last = inserted.at(-1);
  if (last) await database.changed({ kind: 'messages', roomId, sequence: last.seqno });
  return inserted;
}
