import { contentBytes } from '../../test/support/content-writer.js';
import { IMAGE_HASHES_MAX } from './automod-limits.js';
import type { AutomodFacts, AutomodPost } from './automod-post.js';
import { parseServerAutomod } from './automod-rules.js';
import { Automod } from './automod.js';

const domains = (count: number, end: string): string[] =>
  Array.from({ length: count }, (_, at) => `site${at}.${end}`);
const HASHES = Array.from({ length: IMAGE_HASHES_MAX }, (_, at) => ({
  hash: (at * 0x9e3779b1).toString(16).padStart(16, '0').slice(-16),
  kind: 'perceptual',
}));

const ALL = new Automod(
  parseServerAutomod({
    flood: { posts: 5, seconds: 10 },
    duplicates: { copies: 3, seconds: 60 },
    newMembers: { minutes: 10, messages: 3, noLinks: true, noFiles: true, noMentions: true },
    slowMode: { seconds: 1 },
    links: {
      allow: [...domains(1000, 'com'), 'example.com'],
      deny: domains(1000, 'org'),
      noCommunityLinks: true,
      noSessionIds: true,
    },
    mentions: { max: 5 },
    length: { charactersMax: 2000, linesMax: 50 },
    files: { denyTypes: ['executable', 'application/zip'], perMessageMax: 5 },
    images: { hashes: HASHES },
    raid: { posts: { count: 20, seconds: 60 }, newcomerMinutes: 10, lockSeconds: 60 },
  }),
);
const NONE = new Automod({});

const FACTS: AutomodFacts = {
  standing: () => Promise.resolve({ ageSeconds: 1e9, posts: 1000 }),
  record: () => Promise.resolve({ events: 1, members: 1 }),
};

const TYPICAL =
  'The weather has been rather nice this week, so we thought about going to the lake on Saturday; anybody who ' +
  'wants to come along should write me until Friday evening. I can take three people in my car!';

function postOf(body: string): AutomodPost {
  const data = contentBytes({ body, displayName: 'Ada', timestampMs: 1_700_000_000_000 });
  return { data, room: { id: 1 }, author: { id: 2 }, files: [] };
}

/** Microseconds per call: the fastest of several rounds, since other work on the machine only ever adds. */
async function cost(automod: Automod, post: AutomodPost, calls: number): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) await automod.judge(post, FACTS);
    rounds.push(Number(process.hrtime.bigint() - start) / 1000 / calls);
  }
  return Math.min(...rounds);
}

describe('with all rules', () => {
  it.each([
    ['English', postOf(TYPICAL)],
    [
      'Russian',
      postOf(
        `Погода на этой неделе была довольно хорошей, поэтому мы думали поехать на озеро. ${'Да! '.repeat(25)}`,
      ),
    ],
    ['a link and a mention', postOf(`${TYPICAL} https://example.com/a @15${'ab'.repeat(32)}`)],
    [
      'an image',
      {
        ...postOf(TYPICAL),
        files: [
          {
            id: 1,
            mediaType: 'image/png',
            filename: 'a.png',
            sha256: Buffer.alloc(32),
            imageHash: Buffer.alloc(8, 0x5a),
          },
        ],
      },
    ],
  ])('a message of 200 characters costs little: %s', async (name, post) => {
    expect(await ALL.judge(post, FACTS)).toEqual([]);
    const microseconds = await cost(ALL, post, 300);
    console.log(`${name}: ${microseconds.toFixed(1)} µs`);
    expect(microseconds).toBeLessThan(2_000); // 40 to 90 in a built server, on a machine that was busy
  });

  it.each(['word. ', 'https://a.com/ ', 'a.b.c', '@15', 'ü.com ', '🔥', '1 '])(
    'a message of the largest size costs no more than the longest that clients write: %s',
    async (unit) => {
      const post = postOf(unit.repeat(200_000 / unit.length));
      const start = performance.now();
      await ALL.judge(post, FACTS);
      expect(performance.now() - start).toBeLessThan(15_000); // up to 20 on the machine this was written on
    },
  );
});

it('without rules a message costs nothing', async () => {
  const microseconds = await cost(NONE, postOf(TYPICAL), 1000);
  console.log(`none: ${microseconds.toFixed(2)} µs`);
  expect(microseconds).toBeLessThan(20); // 0.1 on the machine this was written on
});
