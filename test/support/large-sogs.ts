import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const REFERENCE = join('test', 'fixtures', 'reference-server', 'sogs.db');

export interface SogsSize {
  messages: number;
  users: number;
  rooms: number;
}

/** A database of the reference's own schema (from the fixture in `project`), as large as one likes, in which nothing is extraordinary. */
export function makeLargeSogs(path: string, size: SogsSize, project: string): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = off; PRAGMA synchronous = off');
  for (const sql of schemaOf(join(project, REFERENCE))) database.exec(sql);
  database.exec('BEGIN');
  fillPeople(database, size);
  fillMessages(database, size);
  database.exec('COMMIT');
  database.close();
}

/** Immutable, or SQLite would leave files of its own beside the fixture. */
function schemaOf(path: string): string[] {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const fixture = new DatabaseSync(url, { readOnly: true });
  const rows = fixture
    .prepare(
      `SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC`,
    )
    .all();
  fixture.close();
  return rows.map(({ sql }) => String(sql));
}

const BEGAN_AT = 1_700_000_000;
const EDITED_EVERY = 50;
const DELETED_EVERY = 40;
const REACTED_EVERY = 20;

function fillPeople(database: DatabaseSync, { users, rooms, messages }: SogsSize): void {
  const user = database.prepare(
    'INSERT INTO users (id, session_id, created, last_active) VALUES (?, ?, ?, ?)',
  );
  for (let id = 1; id <= users; id++) {
    const key = createHash('sha256').update(String(id)).digest('hex');
    user.run(id, `15${key}`, BEGAN_AT + id / 7, BEGAN_AT + id);
  }
  const room = database.prepare(
    'INSERT INTO rooms (id, token, name, created, message_sequence) VALUES (?, ?, ?, ?, ?)',
  );
  for (let id = 1; id <= rooms; id++)
    room.run(id, `room-${id}`, `Room ${id}`, BEGAN_AT, 3 * Math.ceil(messages / rooms));
  const activity = database.prepare('INSERT INTO room_users (room, "user", last_active) VALUES (?, ?, ?)');
  for (let id = 1; id <= users; id++) activity.run((id % rooms) + 1, id, BEGAN_AT + id);
}

function fillMessages(database: DatabaseSync, { messages, users, rooms }: SogsSize): void {
  const message = database.prepare(
    `INSERT INTO messages (id, room, "user", posted, edited, seqno, seqno_data, seqno_reactions, seqno_creation, data, data_size, signature)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const history = database.prepare('INSERT INTO message_history VALUES (?, ?, ?, ?)');
  const reaction = database.prepare('INSERT INTO reactions (id, message, reaction) VALUES (?, ?, ?)');
  const reactor = database.prepare('INSERT INTO user_reactions (reaction, "user", at) VALUES (?, ?, ?)');
  const signature = createHash('sha512').update('signature').digest();
  for (let id = 1; id <= messages; id++) {
    const number = Math.ceil(id / rooms) * 3 - 2;
    const [isEdited, isDeleted, isReacted] = [
      id % EDITED_EVERY === 1,
      id % DELETED_EVERY === 2,
      id % REACTED_EVERY === 3,
    ];
    const [dataNumber, reactionNumber] = [number + Number(isEdited || isDeleted), isReacted ? number + 2 : 0];
    const text = Buffer.from(
      `message ${id} that somebody wrote in a room, of usual length `.padEnd(90 + (id % 60), 'x'),
    );
    const posted = BEGAN_AT + id / 10 + 0.123457;
    message.run(
      id,
      (id % rooms) + 1,
      (id % users) + 1,
      posted,
      isEdited ? posted + 5.5 : null,
      Math.max(dataNumber, reactionNumber),
      dataNumber,
      reactionNumber,
      number,
      ...(isDeleted ? [null, null, null] : [text, 320, signature]),
    );
    if (isEdited) history.run(id, posted + 5.5, text, signature);
    if (!isReacted) continue;
    reaction.run(id, id, '👍');
    for (let at = 0; at < 3; at++) reactor.run(id, ((id + at) % users) + 1, posted + at);
  }
}
