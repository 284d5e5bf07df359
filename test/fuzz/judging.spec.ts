import fc, { type Arbitrary } from 'fast-check';
import type { AutomodFacts } from '../../libs/moderation/automod-post.js';
import { parseServerAutomod } from '../../libs/moderation/automod-rules.js';
import { Automod } from '../../libs/moderation/automod.js';
import { ALPHABET_NAMES } from '../../libs/moderation/alphabet-filter.js';
import { Filters } from '../../libs/moderation/filters.js';
import { contentBytes } from '../support/content-writer.js';
import { FUZZ_SCALE, fuzzLater } from './fuzz-run.js';
import { hostileText, repeated, wellFormed } from './hostile-values.js';

/** A message of the largest size, judged by everything there is: whoever writes waits for it, and everybody else with them. */

jest.setTimeout(120_000 * FUZZ_SCALE);

const DATA_BYTES_MAX = 256 * 1024;
const PIECES = [
  'b4n4n4 1 ',
  '1a',
  'f u c ',
  '@ss ',
  '!|(',
  '1 ',
  'a',
  ' ',
  '\n',
  'word. ',
  'don’t ',
  'analysis ',
  'https://a.com/ ',
  'a.b.c',
  'a.b ',
  'ü.com ',
  '@15',
  'public_key=',
  '05ab',
  '(dot) ',
  'hxxp://',
  '://',
  '\u200b',
  '\u0301\u0316',
  '\u05b0\u05b4',
  '🖕🏽',
  '🔥',
  '\ufdfa',
  '\u24d0',
  '\u{1d400}',
  '看',
  'ﷺ.com ',
];
const wall = repeated(PIECES, DATA_BYTES_MAX);
const text = fc
  .oneof(
    hostileText,
    wall,
    fc.tuple(wall, wall).map((both) => both.join('fuck')),
  )
  .map(wellFormed);
const parts = fc.record(
  {
    body: text,
    displayName: text,
    previews: fc.array(fc.record({ url: text, title: text }), { maxLength: 16 }),
    invitation: fc.record({ url: text, name: text }),
  },
  { requiredKeys: ['body'] },
);
/** All of it in the body, or in many small parts. */
const filled = fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(1, 16)).map(([piece, count]) => {
  const part = piece.repeat(Math.floor((DATA_BYTES_MAX - 2000) / count / Buffer.byteLength(piece)));
  return count === 1 ? { body: part } : { previews: Array.from({ length: count }, () => ({ url: part })) };
});
const message: Arbitrary<Buffer> = fc.oneof(parts, filled).map((content) => contentBytes(content));

const DOMAINS = Array.from({ length: 1000 }, (_, at) => `site${at}.com`);
const filter = new Filters({ profanity: { enabled: true }, alphabets: { names: ALPHABET_NAMES.slice(-3) } })
  .server;
const automod = new Automod(
  parseServerAutomod({
    duplicates: { copies: 3, seconds: 60 },
    newMembers: { minutes: 10, noLinks: true, noMentions: true },
    links: { allow: DOMAINS, deny: ['example.org'], noCommunityLinks: true, noSessionIds: true },
    mentions: { max: 5 },
    length: { charactersMax: 262_144, linesMax: 262_144 },
  }),
);
const FACTS: AutomodFacts = {
  standing: () => Promise.resolve({ ageSeconds: 0, posts: 0 }),
  record: () => Promise.resolve({ events: 1, members: 1 }),
};

it('a message of any content is judged in no time', () =>
  fuzzLater(message, 150, async (data) => {
    if (data.length > DATA_BYTES_MAX) return; // refused before
    const room = { id: 1, name: 'Room', token: 'room' };
    filter.check({ data, isModerator: false, sessionId: `15${'ab'.repeat(32)}`, room });
    await automod.judge({ data, room, author: { id: 2 }, files: [] }, FACTS);
  }));
