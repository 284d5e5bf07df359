import type { Client, DatabaseError } from 'pg';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

const SALT = `decode(repeat('ab', 16), 'hex')`;
const SIGNATURE = `decode(repeat('ab', 64), 'hex')`;
const HASH = `decode(repeat('ab', 32), 'hex')`;
const OTHER_HASH = `decode(repeat('cd', 32), 'hex')`;
const id = (digit: string, prefix = '15') => `'${prefix}${digit.repeat(64)}'`;

/** Users 1 and 2, rooms 11 and 12 with messages 21 and 22, reaction 31 on 21, file 41 in room 11. */
const BASE = `
  INSERT INTO users (id, session_id, created_at) VALUES (1, ${id('1')}, 0), (2, ${id('2')}, 0);
  INSERT INTO rooms (id, token, name, created_at) VALUES (11, 'Lobby', 'x', 0), (12, 'other', 'y', 0);
  INSERT INTO messages (id, room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
    VALUES (21, 11, 1, 0, 1, 1, 'abc', 3, ${SIGNATURE}), (22, 12, 1, 0, 1, 1, 'abc', 3, ${SIGNATURE});
  INSERT INTO reactions (id, message_id, emoji) VALUES (31, 21, 'x');
  INSERT INTO reactors (reaction_id, user_id, reacted_at) VALUES (31, 1, 0);
  INSERT INTO files (id, room_id, size, uploaded_at) VALUES (41, 11, 0, 0);
  INSERT INTO permission_overrides (room_id, user_id, read) VALUES (11, 1, true);
  INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES (11, 21, 1, 0);
  INSERT INTO room_activity (room_id, user_id, last_active_at) VALUES (11, 1, 0);
  INSERT INTO pending_blinding (absolute_id, user_id) VALUES (${id('3')}, 1);
  INSERT INTO admin_tokens (id, public_id, secret_hash, name, role, everywhere, created_at) VALUES (61, 'p', ${HASH}, 'ada', 'admin', true, 0);
  INSERT INTO admin_token_rooms (token_id, room_id) VALUES (61, 11);
  INSERT INTO admin_sessions (secret_hash, user_id, created_at, expires_at) VALUES (${HASH}, 1, 0, 0);
  INSERT INTO login_links (code_hash, browser_hash, user_id, expires_at) VALUES (${HASH}, ${HASH}, 1, 0);
  INSERT INTO admin_answers (principal, key, request_hash, started_at) VALUES ('p', 'k', ${HASH}, 0);
  INSERT INTO statistics (room_id, step_hours, at) VALUES (11, 1, 0);
  INSERT INTO server_state (public_key, created_at) VALUES ('${'a'.repeat(64)}', 0);
  INSERT INTO moderation_log (id, at, actor_id, via, action, target_id, room_id)
    VALUES (51, 0, 1, 'worker', 'x.y', 2, 11);
  INSERT INTO webhooks (id, name, url, events, salt, created_at) VALUES (61, 'x', 'y', '[]', ${SALT}, 0);
  INSERT INTO webhook_positions (webhook_id, room_id, seqno) VALUES (61, 11, 0);`;

const user = (columns: string, values: string) =>
  `INSERT INTO users (session_id, created_at, ${columns}) VALUES (${id('9')}, 0, ${values})`;
const userId = (sessionId: string) => `INSERT INTO users (session_id, created_at) VALUES (${sessionId}, 0)`;
const room = (token: string) => `INSERT INTO rooms (token, name, created_at) VALUES ('${token}', 'x', 0)`;
const message = (over: Record<string, string>) => {
  const row: Record<string, string> = {
    room_id: '11',
    author_id: '1',
    posted_at: '0',
    seqno_creation: '2',
    seqno_data: '2',
    data: `'abc'`,
    data_size: '3',
    signature: SIGNATURE,
    ...over,
  };
  return `INSERT INTO messages (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`;
};
const revision = (values: string) =>
  `INSERT INTO message_revisions (message_id, replaced_at, data, data_size, signature) VALUES (${values})`;
const override = (columns: string, values: string) =>
  `INSERT INTO permission_overrides (room_id, user_id, ${columns}) VALUES (12, 2, ${values})`;
const schedule = (columns: string, values: string) =>
  `INSERT INTO scheduled_changes (room_id, user_id, due_at, ${columns}) VALUES (${values})`;
const file = (columns: string, values: string) =>
  `INSERT INTO files (size, uploaded_at, ${columns}) VALUES (0, 0, ${values})`;
const logEntry = (columns: string, values: string) =>
  `INSERT INTO moderation_log (at, action, ${columns}) VALUES (0, 'x', ${values})`;

const token = (publicId: string, secretHash: string, name: string, role = 'viewer') =>
  `INSERT INTO admin_tokens (public_id, secret_hash, name, role, everywhere, created_at) VALUES ('${publicId}', ${secretHash}, '${name}', '${role}', true, 0)`;
const session = (values: string) =>
  `INSERT INTO admin_sessions (secret_hash, user_id, created_at, expires_at) VALUES (${values}, 0, 0)`;
const link = (values: string) =>
  `INSERT INTO login_links (code_hash, browser_hash, user_id, expires_at) VALUES (${values}, 0)`;
const answer = (values: string) =>
  `INSERT INTO admin_answers (principal, key, request_hash, started_at) VALUES (${values}, 0)`;

/** By the name of the constraint: what it refuses. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  server_state_pkey: [`INSERT INTO server_state (public_key, created_at) VALUES ('${'b'.repeat(64)}', 0)`],
  server_state_one_row: [
    `INSERT INTO server_state (id, public_key, created_at) VALUES (false, '${'b'.repeat(64)}', 0)`,
  ],
  server_state_public_key_hex: [
    `UPDATE server_state SET public_key = '${'A'.repeat(64)}'`,
    `UPDATE server_state SET public_key = '${'a'.repeat(63)}'`,
  ],
  users_session_id_key: [userId(id('1'))],
  users_session_id_form: [
    userId(`'15abc'`),
    userId(id('9', '00')),
    userId(id('A')),
    userId(`E'15${'9'.repeat(64)}\\n'`),
    userId(`'15${'9'.repeat(65)}'`),
  ],
  users_banned_excludes_moderator: [
    user('banned, moderator', 'true, true'),
    `UPDATE users SET banned = true, moderator = true, admin = true WHERE id = 1`,
  ],
  users_admin_implies_moderator: [user('admin', 'true')],
  rooms_token_key: [room('lobby'), room('LOBBY'), room('Lobby')],
  rooms_token_form: [room(''), room('a b'), room('ä'), room('x'.repeat(65)), room('a/b')],
  rooms_description_not_empty: [`UPDATE rooms SET description = ''`],
  rooms_counters: [
    'UPDATE rooms SET message_sequence = -1',
    'UPDATE rooms SET info_updates = -1',
    'UPDATE rooms SET active_users = -1',
  ],
  rooms_rate_limit: [
    'UPDATE rooms SET rate_limit_posts = -1',
    'UPDATE rooms SET rate_limit_window_seconds = 0',
  ],
  rooms_retention_days: ['UPDATE rooms SET retention_days = 0'],
  rooms_image_id_fkey: ['UPDATE rooms SET image_id = 999 WHERE id = 11'],
  rooms_image_id_key: ['UPDATE rooms SET image_id = 41'],
  messages_room_id_fkey: [message({ room_id: '999' })],
  messages_author_id_fkey: [message({ author_id: '999' }), 'DELETE FROM users WHERE id = 1'],
  messages_whisper_to_id_fkey: [message({ whisper_to_id: '999' })],
  messages_deleted_whole: [
    message({ data: 'NULL' }),
    message({ signature: 'NULL' }),
    message({ data_size: 'NULL' }),
    message({ data: 'NULL', signature: 'NULL' }),
  ],
  messages_signature_size: [
    message({ signature: `decode(repeat('ab', 63), 'hex')` }),
    message({ signature: `decode(repeat('ab', 65), 'hex')` }),
  ],
  messages_data_size: [message({ data_size: '2' })],
  messages_seqno_order: [message({ seqno_creation: '0' }), message({ seqno_creation: '3' })],
  messages_room_id_seqno_key: [
    message({ seqno_creation: '1', seqno_data: '1' }),
    message({ seqno_creation: '1', seqno_reactions: '7' }) +
      '; UPDATE messages SET seqno_data = 7 WHERE id = 21',
  ],
  message_revisions_message_id_fkey: [revision(`999, 0, 'abc', 3, ${SIGNATURE}`)],
  message_revisions_signature_size: [revision(`21, 0, 'abc', 3, 'short'`)],
  message_revisions_data_size: [revision(`21, 0, 'abc', 2, ${SIGNATURE}`)],
  pins_pkey: ['INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES (11, 21, 2, 0)'],
  pins_room_id_fkey: [
    'INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES (999, 21, 1, 0)',
  ],
  pins_pinned_by_id_fkey: [
    'INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES (12, 22, 999, 0)',
  ],
  pins_message_of_the_room: [
    'INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) VALUES (11, 22, 1, 0)',
  ],
  reactions_message_id_fkey: [`INSERT INTO reactions (message_id, emoji) VALUES (999, 'x')`],
  reactions_message_id_emoji_key: [`INSERT INTO reactions (message_id, emoji) VALUES (21, 'x')`],
  reactions_emoji_not_empty: [`INSERT INTO reactions (message_id, emoji) VALUES (21, '')`],
  reactors_reaction_id_fkey: ['INSERT INTO reactors (reaction_id, user_id, reacted_at) VALUES (999, 1, 0)'],
  reactors_user_id_fkey: ['INSERT INTO reactors (reaction_id, user_id, reacted_at) VALUES (31, 999, 0)'],
  reactors_reaction_id_user_id_key: [
    'INSERT INTO reactors (reaction_id, user_id, reacted_at) VALUES (31, 1, 5)',
  ],
  files_room_id_fkey: [file('room_id', '999')],
  files_uploader_id_fkey: [file('room_id, uploader_id', '11, 999')],
  files_message_id_fkey: [file('room_id, message_id', '11, 999')],
  files_size: ['UPDATE files SET size = -1'],
  files_sha256_size: [`UPDATE files SET sha256 = '\\x00'`],
  files_image_hash_size: [`UPDATE files SET image_hash = '\\x00'`],
  files_roomless_expire: [file('filename', `'x'`), 'DELETE FROM rooms WHERE id = 11'],
  room_rules_pkey: ['INSERT INTO room_rules (room_id) VALUES (11), (11)'],
  room_rules_room_id_fkey: ['INSERT INTO room_rules (room_id) VALUES (999)'],
  permission_overrides_pkey: [
    'INSERT INTO permission_overrides (room_id, user_id, banned) VALUES (11, 1, true)',
  ],
  permission_overrides_room_id_fkey: [
    'INSERT INTO permission_overrides (room_id, user_id, read) VALUES (999, 1, true)',
  ],
  permission_overrides_user_id_fkey: [
    'INSERT INTO permission_overrides (room_id, user_id, read) VALUES (11, 999, true)',
  ],
  permission_overrides_banned_excludes_moderator: [override('banned, moderator', 'true, true')],
  permission_overrides_admin_implies_moderator: [override('admin, read', 'true, true')],
  permission_overrides_not_empty: [
    override('visible_mod', 'false'),
    'UPDATE permission_overrides SET read = NULL',
  ],
  scheduled_changes_room_id_fkey: [schedule('read', '999, 1, 0, true')],
  scheduled_changes_user_id_fkey: [schedule('read', '11, 999, 0, true')],
  scheduled_changes_not_empty: [schedule('read', '11, 1, 0, NULL')],
  scheduled_changes_global_is_ban: [
    schedule('read', 'NULL, 1, 0, true'),
    schedule('banned, write', 'NULL, 1, 0, true, false'),
  ],
  room_activity_pkey: ['INSERT INTO room_activity (room_id, user_id, last_active_at) VALUES (11, 1, 5)'],
  room_activity_room_id_fkey: [
    'INSERT INTO room_activity (room_id, user_id, last_active_at) VALUES (999, 1, 0)',
  ],
  room_activity_user_id_fkey: [
    'INSERT INTO room_activity (room_id, user_id, last_active_at) VALUES (11, 999, 0)',
  ],
  direct_messages_sender_id_fkey: [
    `INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at) VALUES (999, 1, '', 0, 0)`,
  ],
  direct_messages_recipient_id_fkey: [
    `INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at) VALUES (1, 999, '', 0, 0)`,
  ],
  pending_blinding_pkey: [`INSERT INTO pending_blinding VALUES (${id('3')}, 2)`],
  pending_blinding_user_id_key: [`INSERT INTO pending_blinding VALUES (${id('4')}, 1)`],
  pending_blinding_user_id_fkey: [`INSERT INTO pending_blinding VALUES (${id('4')}, 999)`],
  pending_blinding_absolute: [
    `INSERT INTO pending_blinding VALUES (${id('8')}, 2)`,
    `INSERT INTO pending_blinding VALUES (${id('4', '05')}, 2)`,
  ],
  moderation_log_actor_id_fkey: [logEntry('via, actor_id', `'worker', 999`)],
  moderation_log_target_id_fkey: [logEntry('via, target_id', `'worker', 999`)],
  moderation_log_room_id_fkey: [logEntry('via, room_id', `'worker', 999`)],
  moderation_log_via: [logEntry('via', `'telepathy'`)],
  statistics_pkey: ['INSERT INTO statistics (room_id, step_hours, at) VALUES (11, 1, 0)'],
  statistics_step: ['INSERT INTO statistics (room_id, step_hours, at) VALUES (11, 2, 0)'],
  webhooks_room_id_fkey: ['UPDATE webhooks SET room_id = 999'],
  webhooks_events_list: [`UPDATE webhooks SET events = '{}'`],
  webhooks_salt_size: [`UPDATE webhooks SET salt = 'short'`, `UPDATE webhooks SET old_salt = 'short'`],
  webhook_positions_pkey: ['INSERT INTO webhook_positions (webhook_id, room_id, seqno) VALUES (61, 11, 5)'],
  webhook_positions_webhook_id_fkey: ['UPDATE webhook_positions SET webhook_id = 999'],
  webhook_positions_room_id_fkey: ['UPDATE webhook_positions SET room_id = 999'],
  webhook_deliveries_webhook_id_fkey: [
    `INSERT INTO webhook_deliveries (webhook_id, event, happened_at) VALUES (999, 'x', 0)`,
  ],
  webhook_deliveries_state: [
    `INSERT INTO webhook_deliveries (webhook_id, event, happened_at, state) VALUES (61, 'x', 0, 'lost')`,
  ],
  admin_tokens_public_id_key: [token('p', OTHER_HASH, 'eve')],
  admin_tokens_name_key: [token('q', OTHER_HASH, 'ada')],
  admin_tokens_secret_hash_size: [token('q', `'short'`, 'eve')],
  admin_tokens_role: [token('q', OTHER_HASH, 'eve', 'god')],
  admin_token_rooms_pkey: ['INSERT INTO admin_token_rooms (token_id, room_id) VALUES (61, 11)'],
  admin_token_rooms_token_id_fkey: ['INSERT INTO admin_token_rooms (token_id, room_id) VALUES (999, 11)'],
  admin_token_rooms_room_id_fkey: ['INSERT INTO admin_token_rooms (token_id, room_id) VALUES (61, 999)'],
  admin_sessions_pkey: [session(`${HASH}, 1`)],
  admin_sessions_user_id_fkey: [session(`${OTHER_HASH}, 999`)],
  admin_sessions_secret_hash_size: [session(`'short', 1`)],
  login_links_pkey: [link(`${HASH}, ${HASH}, 1`)],
  login_links_user_id_fkey: [link(`${OTHER_HASH}, ${HASH}, 999`)],
  login_links_code_hash_size: [link(`'short', ${HASH}, 1`)],
  login_links_browser_hash_size: [link(`${OTHER_HASH}, 'short', 1`)],
  admin_answers_pkey: [answer(`'p', 'k', ${HASH}`)],
  admin_answers_request_hash_size: [answer(`'p', 'l', 'short'`)],
};

/** Cannot be violated without violating a primary key first; it is there as the target of pins. */
const IMPLIED = ['messages_room_id_id_key'];

let database: ScratchDatabase;
let client: Client;
beforeAll(async () => {
  database = await scratchDatabase();
  client = await connect(database.url);
  await client.query(`SELECT setval(sequencename::regclass, 1000) FROM pg_sequences`); // beyond the ids of BASE
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(() => client.query(`BEGIN; ${BASE}`));
afterEach(() => client.query('ROLLBACK'));

const refusal = (sql: string): Promise<DatabaseError> =>
  client.query(sql).then(
    () => Promise.reject(new Error('was not refused')),
    (error: DatabaseError) => error,
  );

describe('the database refuses', () => {
  it.each(Object.entries(REFUSED).flatMap(([name, statements]) => statements.map((sql) => [name, sql])))(
    '%s: %s',
    async (name, sql) => expect((await refusal(sql!)).constraint).toBe(name),
  );

  it('something by every check, unique and foreign key that it has', async () => {
    const { rows } = await client.query<{ name: string }>(`
      SELECT conname AS name FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
      WHERE relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations' AND contype IN ('c', 'f', 'u')
      UNION
      SELECT index_class.relname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        JOIN pg_class AS index_class ON index_class.oid = indexrelid
        JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
      WHERE indisunique AND pg_class.relnamespace = 'public'::regnamespace AND pg_class.relname <> '_prisma_migrations'
        AND NOT (indisprimary AND attidentity <> '')`);
    expect(rows.map(({ name }) => name).sort()).toEqual([...Object.keys(REFUSED), ...IMPLIED].sort());
  });

  it.each([
    'UPDATE users SET id = DEFAULT, session_id = NULL',
    'UPDATE rooms SET name = NULL',
    'UPDATE messages SET author_id = NULL',
  ])('a missing value: %s', async (sql) => expect((await refusal(sql)).code).toBe('23502'));

  it.each([
    "INSERT INTO rooms (token, token_key, name, created_at) VALUES ('z', 'a', 'x', 0)",
    'UPDATE messages SET seqno = 9',
  ])('values of columns that it makes itself: %s', async (sql) =>
    expect((await refusal(sql)).code).toBe('428C9'),
  );
});

describe('the moderation log', () => {
  it.each([
    'at = 5',
    `via = 'filter'`,
    `action = 'other'`,
    `room_token = 'x'`,
    'message_id = 5',
    `detail = '{"a": 1}'`,
    'actor_id = 2',
    'target_id = 1',
    'room_id = 12',
    'id = 99',
  ])('is not rewritten: %s', async (change) => {
    expect((await refusal(`UPDATE moderation_log SET ${change}`)).message).toBe(
      'the moderation log is append-only',
    );
  });

  it('forgets whom and what it pointed to, and keeps the rest', async () => {
    await client.query(`DELETE FROM files; DELETE FROM rooms; DELETE FROM users WHERE id IN (1, 2)`);
    const { rows } = await client.query('SELECT actor_id, target_id, room_id, action FROM moderation_log');
    expect(rows).toEqual([{ actor_id: null, target_id: null, room_id: null, action: 'x.y' }]);
  });

  it('loses entries by age', async () => {
    expect((await client.query('DELETE FROM moderation_log WHERE at < 1')).rowCount).toBe(1);
  });
});

describe('the database makes', () => {
  it('the key of a token: lower case, ASCII only', async () => {
    const { rows } = await client.query(`SELECT token_key FROM rooms WHERE id = 11`);
    expect(rows).toEqual([{ token_key: 'lobby' }]);
  });

  it('the seqno of a message: the greater of data and reactions', async () => {
    await client.query('UPDATE messages SET seqno_reactions = 9 WHERE id = 21');
    await client.query('UPDATE messages SET seqno_reactions = 2, seqno_data = 8 WHERE id = 22');
    const { rows } = await client.query('SELECT seqno FROM messages ORDER BY id');
    expect(rows).toEqual([{ seqno: 9 }, { seqno: 8 }]);
  });
});
