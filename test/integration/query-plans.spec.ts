import type { Client } from 'pg';
import { StorageModule } from '../../libs/storage/storage.module.js';
import { allStatements, type Statement } from '../../libs/storage/statement.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

jest.setTimeout(300_000);

/** Tables that grow with the life of a community: no request may walk through one. */
const GROWING = [
  'messages',
  'message_revisions',
  'reactions',
  'reactors',
  'direct_messages',
  'files',
  'users',
  'moderation_log',
  'room_activity',
  'statistics',
  'webhook_deliveries',
];

/** What no client waits for, and reads much on purpose. */
const UNHURRIED: Readonly<Record<string, string>> = {
  'community-counts.count': 'an operator counts everything, and is shown the same counts for a while',
  'file-inventory.totals': 'an operator counts all files',
  'file-usage.by-room': 'an operator counts all files',
  'file-usage.by-uploader': 'an operator counts all files',
  'member-list.page': 'a moderator looks for people in whatever way',
  'moderation-log.list': 'an operator combines conditions as he likes',
  // With times that are not known a planner expects a third of the table to be old; mostly next to nothing is.
  'housekeeping.coarsen-arrivals': 'what is old, in bounded batches',
  'housekeeping.expired-direct-messages': 'what is old, in bounded batches',
  'housekeeping.expired-files': 'what is old, in bounded batches',
  'housekeeping.old-activity': 'what is old, in bounded batches',
  'housekeeping.old-log-entries': 'what is old, in bounded batches',
  'housekeeping.old-revisions': 'what is old, in bounded batches',
};

/** As many rows as a community has after years, in the form that matters to the planner. */
const FILL = `
  INSERT INTO users (session_id, created_at, last_active_at, banned, moderator)
    SELECT '15' || lpad(to_hex(n), 64, '0'), n, n, n % 1000 = 0, n % 5000 = 1 FROM generate_series(1, 50000) AS n;
  INSERT INTO rooms (token, name, created_at, message_sequence)
    SELECT 'room-' || n, 'A room', n, 20000 FROM generate_series(1, 20) AS n;
  INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, seqno_reactions, data, data_size, signature,
      filtered, whisper_to_id)
    SELECT 1 + n % 20, 1 + n % 50000, n, n / 20 + 1, n / 20 + 1, CASE WHEN n % 100 = 0 THEN n / 20 + 10001 ELSE 0 END,
      CASE WHEN n % 10 > 0 THEN 'a message of usual length, more or less' END::bytea, CASE WHEN n % 10 > 0 THEN 64 END,
      CASE WHEN n % 10 > 0 THEN decode(repeat('00', 64), 'hex') END, n % 1000 = 7, CASE WHEN n % 500 = 3 THEN 1 + n % 50000 END
    FROM generate_series(0, 99999) AS n;
  INSERT INTO message_revisions (message_id, replaced_at, data, data_size, signature)
    SELECT id, id, 'before', 16, decode(repeat('00', 64), 'hex') FROM messages WHERE id % 10 = 2;
  INSERT INTO reactions (message_id, emoji) SELECT id, 'x' FROM messages WHERE id % 7 = 0;
  INSERT INTO reactors (reaction_id, user_id, reacted_at) SELECT id, 1 + id % 50000, id FROM reactions;
  INSERT INTO reactors (reaction_id, user_id, reacted_at) SELECT id, 1 + (id + 7) % 50000, id FROM reactions;
  INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at)
    SELECT 1 + n % 50000, 1 + (n * 7) % 50000, 'sealed', n, n + 1000 FROM generate_series(1, 50000) AS n;
  INSERT INTO files (room_id, uploader_id, message_id, size, uploaded_at, expires_at)
    SELECT 1 + n % 20, 1 + n % 50000, CASE WHEN n % 2 = 0 THEN n END, 1000, n, CASE WHEN n % 3 > 0 THEN n END
    FROM generate_series(1, 50000) AS n;
  INSERT INTO permission_overrides (room_id, user_id, write) SELECT 1 + n % 20, n, false FROM generate_series(1, 10000) AS n;
  INSERT INTO permission_overrides (room_id, user_id, moderator) SELECT 1 + n % 20, n, true FROM generate_series(10001, 10040) AS n;
  INSERT INTO scheduled_changes (room_id, user_id, due_at, write) SELECT 1 + n % 20, n, n, true FROM generate_series(1, 2000) AS n;
  INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at)
    SELECT room_id, id, 1, id FROM messages WHERE id % 5000 = 4;
  INSERT INTO room_activity (room_id, user_id, last_active_at) SELECT 1 + n % 20, n, n FROM generate_series(1, 50000) AS n;
  INSERT INTO moderation_log (at, actor_id, via, action, target_id, room_id, room_token)
    SELECT n, 1 + n % 40, 'protocol', 'ban.set', 1 + n % 50000, 1 + n % 20, 'room-1' FROM generate_series(1, 50000) AS n;
  INSERT INTO statistics (room_id, step_hours, at) SELECT n % 21, 1, n / 21 FROM generate_series(1, 50000) AS n;
  INSERT INTO webhooks (name, url, events, salt, created_at)
    SELECT 'bot', 'x', '["*"]', decode(repeat('00', 16), 'hex'), 0 FROM generate_series(1, 100);
  INSERT INTO webhook_deliveries (webhook_id, event, happened_at, attempted_at, state)
    SELECT 1 + n % 100, 'ping', n, n, CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'delivered' END FROM generate_series(1, 50000) AS n;
  ANALYZE;`;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

let scratch: ScratchDatabase;
let client: Client;
beforeAll(async () => {
  scratch = await scratchDatabase();
  client = await connect(scratch.url);
  await client.query(FILL);
});
afterAll(async () => {
  await client.end();
  await scratch.drop();
});

/** Tables that a statement walks through from one end to the other, whatever its parameters are. */
async function walkedThrough({ text }: Statement): Promise<string[]> {
  const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`);
  const [{ Plan: plan }] = (rows as { 'QUERY PLAN': [{ Plan: PlanNode }] }[])[0]!['QUERY PLAN'];
  const walked: string[] = [];
  const visit = (node: PlanNode): void => {
    if (node['Node Type'] === 'Seq Scan') walked.push(node['Relation Name']!);
    node.Plans?.forEach(visit);
  };
  visit(plan);
  return walked;
}

const named = (): Statement[] => {
  expect(StorageModule).toBeDefined(); // it loads them
  return allStatements().filter(({ name }) => !name.startsWith('test.'));
};

describe('statements', () => {
  it('that requests wait for walk through no table that grows', async () => {
    const bad: Record<string, string[]> = {};
    for (const statement of named()) {
      if (statement.name in UNHURRIED) continue;
      const walked = (await walkedThrough(statement)).filter((table) => GROWING.includes(table));
      if (walked.length > 0) bad[statement.name] = walked;
    }
    expect(bad).toEqual({});
    expect(named().length).toBeGreaterThan(100);
  });

  it('that may do so exist, and do so', async () => {
    for (const name of Object.keys(UNHURRIED)) {
      const statement = named().find((each) => each.name === name);
      expect({ name, walks: statement && (await walkedThrough(statement)).length > 0 }).toEqual({
        name,
        walks: true,
      });
    }
  });
});
