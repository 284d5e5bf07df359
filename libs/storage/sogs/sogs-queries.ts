import type { SogsSchema } from './sogs-schema.js';

/** What one table of ours is made from; `key` tells the row in reports. */
export interface SogsQueries {
  users: string;
  rooms: string;
  messages: string;
  revisions: string;
  files: string;
  pins: string;
  reactions: string;
  reactors: string;
  overrides: string;
  permissionChanges: string;
  banChanges: string;
  activity: string;
  directMessages: string;
  pendingBlinding: string;
  /** Ids of messages whose number another one of their room has too. */
  repeatedNumbers: string;
  /** Ids of rooms and users that differ from others of theirs by case alone. */
  repeatedTokens: string;
  repeatedSessionIds: string;
}

const NOTHING = `SELECT 0 AS id WHERE 1 = 0`;

/**
 * What to read, in the words that SQLite and PostgreSQL share. The order is that of our own primary keys, by which
 * checksums are made. Where a row refers to another, `…_gone` tells that that one is not there.
 */
export function sogsQueries(schema: SogsSchema): SogsQueries {
  const given = (table: string, query: string): string => (schema.has(table) ? query : NOTHING);
  return {
    ...peopleQueries(schema, given),
    ...messageQueries(schema, given),
    repeatedTokens: repeated('rooms', 'token'),
    repeatedSessionIds: repeated('users', 'session_id'),
    rooms: `SELECT r.id, r.token, r.name, r.description, r.image, r.created, r.message_sequence, r.info_updates,
        ${schema.has('rooms', 'active_users') ? 'r.active_users' : '0 AS active_users'}, r.read,
        ${schema.has('rooms', 'accessible') ? 'r.accessible' : 'r.read AS accessible'}, r.write, r.upload,
        (SELECT max(${numberOf(schema, 'm')}) FROM messages m WHERE m.room = r.id) AS highest_number,
        f.id IS NULL AND r.image IS NOT NULL AS image_gone
      FROM rooms r LEFT JOIN files f ON f.id = r.image ORDER BY r.id`,
    files: `SELECT f.id, f.room, f.uploader, ${schema.has('files', 'message') ? 'f.message' : 'NULL AS message'}, f.size,
        f.uploaded, f.expiry, f.filename, f.path, r.id IS NULL AS room_gone, u.id IS NULL AS uploader_gone,
        ${schema.has('files', 'message') ? 'm.id IS NULL' : 'NULL IS NULL'} AS message_gone
      FROM files f LEFT JOIN rooms r ON r.id = f.room LEFT JOIN users u ON u.id = f.uploader
        ${schema.has('files', 'message') ? 'LEFT JOIN messages m ON m.id = f.message' : ''} ORDER BY f.id`,
  };
}

const repeated = (table: string, column: string): string =>
  `SELECT max(id) AS id FROM ${table} GROUP BY lower(${column}) HAVING count(*) > 1`;

type Given = (table: string, query: string) => string;

const numberOf = (schema: SogsSchema, alias: string): string =>
  schema.has('messages', 'seqno_reactions')
    ? `CASE WHEN ${alias}.seqno_data > ${alias}.seqno_reactions THEN ${alias}.seqno_data ELSE ${alias}.seqno_reactions END`
    : `${alias}.seqno_data`;

function messageQueries(schema: SogsSchema, given: Given) {
  const order = schema.has('messages', 'seqno_creation') ? 'm.seqno_creation' : 'NULL AS seqno_creation';
  const reacted = schema.has('messages', 'seqno_reactions') ? 'm.seqno_reactions' : '0 AS seqno_reactions';
  return {
    messages: `SELECT m.id, m.room, m."user", m.posted, m.edited, ${order}, m.seqno_data, ${reacted}, m.data, m.data_size,
        m.signature, m.filtered, m.whisper, m.whisper_mods, r.id IS NULL AS room_gone, u.id IS NULL AS user_gone,
        w.id IS NULL AS whisper_gone
      FROM messages m LEFT JOIN rooms r ON r.id = m.room LEFT JOIN users u ON u.id = m."user"
        LEFT JOIN users w ON w.id = m.whisper ORDER BY m.id`,
    repeatedNumbers: `SELECT max(m.id) AS id FROM messages m JOIN rooms r ON r.id = m.room
      GROUP BY m.room, ${numberOf(schema, 'm')} HAVING count(*) > 1`,
    revisions: `SELECT h.message AS id, h.message, h.replaced, h.data, h.signature, m.data IS NULL AS message_gone, r.id IS NULL AS room_gone
      FROM message_history h LEFT JOIN messages m ON m.id = h.message LEFT JOIN rooms r ON r.id = m.room
      ORDER BY h.message, h.replaced`,
    pins: `SELECT p.message AS id, p.room, p.message, p.pinned_by, p.pinned_at, r.id IS NULL AS room_gone,
        m.data IS NULL OR m.room <> p.room AS message_gone, u.id IS NULL AS user_gone
      FROM pinned_messages p LEFT JOIN rooms r ON r.id = p.room LEFT JOIN messages m ON m.id = p.message
        LEFT JOIN users u ON u.id = p.pinned_by ORDER BY p.room, p.message`,
    reactions: given(
      'reactions',
      `SELECT x.id, x.message, x.reaction, m.data IS NULL AS message_gone, r.id IS NULL AS room_gone,
          NOT EXISTS (SELECT 1 FROM user_reactions y JOIN users u ON u.id = y."user" WHERE y.reaction = x.id) AS empty
        FROM reactions x LEFT JOIN messages m ON m.id = x.message LEFT JOIN rooms r ON r.id = m.room ORDER BY x.id`,
    ),
    reactors: given(
      'user_reactions',
      `SELECT y.reaction AS id, y.reaction, y."user", y.at, m.data IS NULL OR x.reaction = '' AS message_gone, r.id IS NULL AS room_gone,
          u.id IS NULL AS user_gone
        FROM user_reactions y LEFT JOIN reactions x ON x.id = y.reaction LEFT JOIN messages m ON m.id = x.message
          LEFT JOIN rooms r ON r.id = m.room LEFT JOIN users u ON u.id = y."user"
        ORDER BY y.reaction, y.at, y."user"`,
    ),
  };
}

function peopleQueries(schema: SogsSchema, given: Given) {
  const accessible = schema.has('user_permission_overrides', 'accessible')
    ? 'o.accessible'
    : 'NULL AS accessible';
  const banned = schema.has('user_permission_futures', 'banned') ? 'c.banned' : 'NULL AS banned';
  const gone = `r.id IS NULL AS room_gone, u.id IS NULL AS user_gone`;
  const joined = (alias: string): string =>
    `LEFT JOIN rooms r ON r.id = ${alias}.room LEFT JOIN users u ON u.id = ${alias}."user"`;
  return {
    users: `SELECT id, session_id, created, last_active, banned, moderator, admin, visible_mod FROM users ORDER BY id`,
    overrides: `SELECT o."user" AS id, o.room, o."user", o.banned, o.moderator, o.admin, o.visible_mod, o.read, ${accessible},
        o.write, o.upload, ${gone}
      FROM user_permission_overrides o ${joined('o')} ORDER BY o.room, o."user"`,
    permissionChanges: `SELECT c."user" AS id, c.room, c."user", c.at, c.read, c.write, c.upload, ${banned}, ${gone}
      FROM user_permission_futures c ${joined('c')} ORDER BY c.at, c."user"`,
    banChanges: given(
      'user_ban_futures',
      `SELECT c."user" AS id, c.room, c."user", c.at, c.banned, r.id IS NULL AND c.room IS NOT NULL AS room_gone,
          u.id IS NULL AS user_gone
        FROM user_ban_futures c ${joined('c')} ORDER BY c.at, c."user"`,
    ),
    activity: `SELECT a."user" AS id, a.room, a."user", a.last_active, ${gone} FROM room_users a ${joined('a')} ORDER BY a.room, a."user"`,
    directMessages: given(
      'inbox',
      `SELECT d.id, d.sender, d.recipient, d.body, d.posted_at, d.expiry, s.id IS NULL OR t.id IS NULL AS user_gone
        FROM inbox d LEFT JOIN users s ON s.id = d.sender LEFT JOIN users t ON t.id = d.recipient ORDER BY d.id`,
    ),
    pendingBlinding: given(
      'needs_blinding',
      `SELECT n."user" AS id, n.blinded_abs, n."user", u.session_id, u.id IS NULL AS user_gone
        FROM needs_blinding n LEFT JOIN users u ON u.id = n."user" ORDER BY n.blinded_abs`,
    ),
  };
}
