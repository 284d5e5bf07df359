import { MessagesService, type After } from '../../libs/community/messages.service.js';
import { MESSAGES_PAGE_BYTES_MAX } from '../../libs/protocol/limits.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { allWithCommunity } from '../support/scratch-community.js';

jest.setTimeout(120_000);

const LARGE = 256 * 1024;
const IN_A_PAGE = MESSAGES_PAGE_BYTES_MAX / LARGE;
const PAGE = { limit: 256, reactors: 4 };

const community = allWithCommunity();
const messages = (): MessagesService => community().service(MessagesService);
const access = async (token: string) => (await community().rooms.open(token as RoomToken, undefined))!;

interface Sent {
  id: number;
  seqno: number;
  data?: string | null;
}

/** `large`: how many of the largest messages, which people react to at the end; `small` ones follow them. */
async function roomOf(token: string, { large, small }: { large: number; small: number }): Promise<void> {
  const count = large + small;
  await community().sql(`
    INSERT INTO users (session_id, created_at) VALUES ('15' || lpad('1', 64, '0'), 0) ON CONFLICT DO NOTHING;
    INSERT INTO rooms (token, name, created_at, message_sequence) VALUES ('${token}', 'A room', 0, ${count + large});
    INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, seqno_reactions, data, data_size, signature)
      SELECT rooms.id, users.id, n, n, n, CASE WHEN n <= ${large} THEN ${count} + n ELSE 0 END, '\\x6d',
        CASE WHEN n <= ${large} THEN ${LARGE} ELSE 160 END, decode(repeat('00', 64), 'hex')
      FROM rooms, (SELECT id FROM users LIMIT 1) AS users, generate_series(1, ${count}) AS n WHERE rooms.token = '${token}'
      ORDER BY n;`);
}

/** As a client goes on: from the last number of each page. */
async function followed(token: string, after: After, limit: number): Promise<Sent[][]> {
  const pages: Sent[][] = [];
  for (let seqno = after.seqno; ; seqno = pages.at(-1)!.at(-1)!.seqno) {
    const json = await messages().sinceJson(await access(token), { ...PAGE, limit }, { ...after, seqno });
    const page = JSON.parse(json.toString()) as Sent[];
    if (page.length === 0) return pages;
    pages.push(page);
  }
}

const bytesOf = (page: readonly Sent[]): number =>
  page.reduce((sum, { data }) => sum + Buffer.byteLength(data ?? '', 'base64'), 0);

describe('pages of large messages', () => {
  it('end where their bytes do, the newest and what is before', async () => {
    await roomOf('large', { large: 40, small: 3 });
    const recent = JSON.parse(
      (await messages().recentJson(await access('large'), PAGE)).toString(),
    ) as Sent[];
    expect(recent).toHaveLength(3 + IN_A_PAGE);
    expect(await messages().recent(await access('large'), PAGE)).toEqual(recent);
    const pages: Sent[][] = [recent];
    while (pages.at(-1)!.length > 0)
      pages.push(await messages().before(await access('large'), PAGE, pages.at(-1)!.at(-1)!.id));
    expect(pages.map(({ length }) => length)).toEqual([3 + IN_A_PAGE, IN_A_PAGE, 40 - 2 * IN_A_PAGE, 0]);
  });

  it.each([256, 50, 7])('are followed by pages of what is missing, up to %d at a time', async (limit) => {
    const token = `followed-${limit}`;
    await roomOf(token, { large: 40, small: 100 });
    for (const reactionChanges of [true, false]) {
      const pages = await followed(token, { seqno: 0, reactionChanges }, limit);
      const whole = pages.flat().filter(({ data }) => typeof data === 'string');
      expect(new Set(whole.map(({ id }) => id)).size).toBe(140);
      for (const page of pages) expect(bytesOf(page)).toBeLessThan(2 * MESSAGES_PAGE_BYTES_MAX + LARGE);
    }
  });

  it('have one message whatever it takes, and ordinary ones are as many as they were', async () => {
    await roomOf('ordinary', { large: 0, small: 300 });
    expect(await messages().recent(await access('ordinary'), PAGE)).toHaveLength(256);
    await roomOf('one', { large: 1, small: 0 });
    await community().sql(`UPDATE messages SET data_size = 16777216 WHERE data_size = ${LARGE} AND room_id =
      (SELECT id FROM rooms WHERE token = 'one')`);
    expect(await messages().recent(await access('one'), PAGE)).toHaveLength(1);
  });
});
