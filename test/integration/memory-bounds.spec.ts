import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessagesService } from '../../libs/community/messages.service.js';
import { MessageWindows } from '../../libs/community/read-models/message-windows.js';
import { RoomModels } from '../../libs/community/read-models/room-models.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { allWithCommunity } from '../support/scratch-community.js';

jest.setTimeout(180_000);

const ROOMS = 1_000;
const MESSAGES_PER_ROOM = 100;
const MIB = 1024 * 1024;
const WINDOWS_MIB_MAX = 48;

const community = allWithCommunity();

/** Rooms of which each has a full page of messages of usual length. */
const FILL = `
  INSERT INTO users (session_id, created_at) SELECT '15' || lpad(to_hex(n), 64, '0'), 0 FROM generate_series(1, 50) AS n;
  INSERT INTO rooms (token, name, created_at, message_sequence)
    SELECT 'room-' || n, 'A room', 0, ${MESSAGES_PER_ROOM} FROM generate_series(1, ${ROOMS}) AS n;
  INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
    SELECT rooms.id, 1 + n % 50, n, n, n, decode(repeat('6d', 90), 'hex'), 160, decode(repeat('00', 64), 'hex')
    FROM rooms, generate_series(1, ${MESSAGES_PER_ROOM}) AS n;`;

async function heapMib(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let turn = 0; turn < 3; turn++) {
    (runInNewContext('gc') as () => void)();
    await new Promise(setImmediate); // what was collected is let go of in another turn
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

describe('with a thousand rooms that people read in', () => {
  it('what is kept of them stays within its bounds, and takes what it is said to take', async () => {
    await community().sql(FILL);
    const before = await heapMib();
    const page = { limit: 100, reactors: 4 };
    const messages = community().service(MessagesService);
    for (let n = 1; n <= ROOMS; n++) {
      const access = (await community().rooms.open(`room-${n}` as RoomToken, undefined))!;
      const json = await messages.recentJson(access, page);
      expect(json.length).toBeGreaterThan(30_000);
    }
    const windows = community().service(MessageWindows);
    expect(community().service(RoomModels).size).toBe(ROOMS);
    expect(windows.bytes / MIB).toBeLessThanOrEqual(WINDOWS_MIB_MAX);
    expect(windows.bytes / MIB).toBeGreaterThan(WINDOWS_MIB_MAX * 0.9);
    const grown = (await heapMib()) - before;
    const counted = (windows.bytes + community().service(RoomModels).bytes) / MIB;
    expect(grown).toBeLessThan(counted * 1.3);
    expect(grown).toBeGreaterThan(counted * 0.5);
  });
});
