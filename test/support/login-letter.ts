import { setTimeout as delay } from 'node:timers/promises';
import { readContent } from '../../libs/protocol/content.js';
import { removePadding } from '../../libs/protocol/padding.js';
import { openDirectMessage } from './direct-message-client.js';
import { call, type Community } from './plaza-calls.js';
import type { Account } from './session-client.js';

const MAIL_TIMEOUT_MS = 20_000;
const MAIL_POLL_MS = 50;

/** What the moderator's client shows of the server's first letter, once it is there. */
export async function letterTo(account: Account, at: Community): Promise<string> {
  for (const until = Date.now() + MAIL_TIMEOUT_MS; Date.now() < until; await delay(MAIL_POLL_MS)) {
    const [letter] = (await call(at, account, 'GET', '/inbox')).json ?? [];
    if (!letter) continue;
    const { content } = openDirectMessage(account, letter.sender, Buffer.from(letter.message, 'base64'));
    return readContent(removePadding(content).data)!.body!;
  }
  throw new Error('no letter came');
}
