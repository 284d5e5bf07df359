import { COUNT_MAX, DOMAINS_MAX, IMAGE_HASHES_MAX } from './automod-limits.js';
import { AutomodRulesError, overlayAutomod, parseRoomAutomod, parseServerAutomod } from './automod-rules.js';

const ALL = {
  flood: {
    posts: 5,
    seconds: 10,
    action: 'delete',
    muteSeconds: 600,
    banSeconds: 0,
    notify: true,
    dryRun: true,
  },
  duplicates: { copies: 3, seconds: 60, scope: 'everybody', textLengthMin: 8 },
  newMembers: { minutes: 10, messages: 3, noLinks: true, noFiles: true, noMentions: true, noWriting: false },
  slowMode: { seconds: 30 },
  links: {
    allow: ['example.com'],
    deny: ['пример.рф', 'zip'],
    denyAll: false,
    noCommunityLinks: true,
    noSessionIds: true,
  },
  mentions: { max: 0 },
  length: { charactersMax: 2000, linesMax: 40 },
  files: { allowTypes: ['image/*', '.txt'], denyTypes: ['application/zip', 'executable'], perMessageMax: 4 },
  images: {
    hashes: [
      { hash: 'ab'.repeat(32), kind: 'sha256', note: 'advertisement' },
      { hash: 'CD'.repeat(8), kind: 'perceptual' },
    ],
    distanceMax: 4,
  },
  raid: {
    joins: { count: 20, seconds: 60 },
    posts: { count: 30, seconds: 60 },
    newcomerMinutes: 60,
    lockSeconds: 600,
  },
};
const DIRECT_MESSAGES = {
  directMessages: {
    minPosts: 5,
    minMinutes: 60,
    newRecipientsPerDayMax: 10,
    noBannedSenders: true,
    notify: true,
    dryRun: false,
  },
};

function problemsOf(value: unknown): readonly string[] {
  try {
    parseRoomAutomod(value, 'fish');
  } catch (error) {
    if (error instanceof AutomodRulesError) return error.problems;
    throw error;
  }
  return [];
}

it('rules are plain JSON', () => {
  expect(parseRoomAutomod(JSON.parse(JSON.stringify(ALL)), 'fish')).toEqual(ALL);
  const server = { ...ALL, ...DIRECT_MESSAGES };
  expect(parseServerAutomod(JSON.parse(JSON.stringify(server)))).toEqual(server);
  expect(parseServerAutomod({})).toEqual({});
});

it('a rule may be turned off in a room, not in the server', () => {
  expect(parseRoomAutomod({ flood: null }, 'fish')).toEqual({ flood: null });
  expect(() => parseServerAutomod({ flood: null })).toThrow(AutomodRulesError);
});

it.each([
  ['no object', null, /^must be an object$/],
  ['an unknown rule', { spam: {} }, /^has no setting "spam"$/],
  ['an unknown key', { slowMode: { second: 3, seconds: 3 } }, /^slowMode: .*"second"/],
  ['a rule for direct messages in a room', DIRECT_MESSAGES, /"directMessages"/],
  ['an unknown action', { slowMode: { seconds: 3, action: 'kick' } }, /^slowMode\.action: .*"hide"/],
  ['no number', { flood: { posts: '5', seconds: 10 } }, /^flood\.posts: must be a number$/],
  ['a number that is missing', { flood: { seconds: 10 } }, /^flood\.posts: is missing$/],
  ['a broken number', { flood: { posts: 1.5, seconds: 10 } }, /^flood\.posts: must be a whole number$/],
  [
    'more than counters count',
    { flood: { posts: COUNT_MAX + 1, seconds: 10 } },
    /^flood\.posts: must be at most 1000$/,
  ],
  ['a window of more than a day', { flood: { posts: 5, seconds: 86_401 } }, /^flood\.seconds: .*86400/],
  [
    'a negative ban',
    { flood: { posts: 5, seconds: 1, banSeconds: -1 } },
    /^flood\.banSeconds: must be at least 0$/,
  ],
  ['a mute of no time', { flood: { posts: 5, seconds: 1, muteSeconds: 0 } }, /^flood\.muteSeconds: /],
  [
    'new members without end',
    { newMembers: { noLinks: true } },
    /^newMembers: needs one of minutes, messages/,
  ],
  [
    'new members who may do all',
    { newMembers: { minutes: 1, noLinks: false } },
    /^newMembers: needs one of noLinks, /,
  ],
  ['links without a wish', { links: { denyAll: false } }, /^links: needs one of allow, deny/],
  ['length without a limit', { length: {} }, /^length: needs one of charactersMax, linesMax/],
  ['files without a limit', { files: { action: 'hide' } }, /^files: needs one of /],
  ['a raid by nothing', { raid: { newcomerMinutes: 1, lockSeconds: 1 } }, /^raid: needs one of joins, posts/],
  [
    'an address for a domain',
    { links: { deny: ['a.com', 'https://b.com'] } },
    /^links\.deny\[1\]: is no domain: write example\.com/,
  ],
  [
    'too many domains',
    { links: { deny: Array(DOMAINS_MAX + 1).fill('a.com') } },
    /^links\.deny: must have at most 2000 entries$/,
  ],
  ['no type', { files: { denyTypes: ['image'] } }, /^files\.denyTypes\[0\]: is none of: a media type/],
  [
    'a hash of another length',
    { images: { hashes: [{ hash: 'abcd', kind: 'perceptual' }] } },
    /^images\.hashes\[0\]\.hash: a perceptual hash is 16 hex/,
  ],
  [
    'a hash that is none',
    { images: { hashes: [{ hash: 'xy'.repeat(32), kind: 'sha256' }] } },
    /^images\.hashes\[0\]\.hash: a sha256 hash is 64 hex/,
  ],
  [
    'too many hashes',
    { images: { hashes: Array(IMAGE_HASHES_MAX + 1).fill({ hash: 'ab'.repeat(8), kind: 'perceptual' }) } },
    /^images\.hashes: .*2000/,
  ],
  ['a distance that everything has', { images: { hashes: [], distanceMax: 32 } }, /^images\.distanceMax: /],
])('%s is refused', (_, value, problem) =>
  expect(problemsOf(value)).toEqual([expect.stringMatching(problem)]),
);

it('all that is wrong is named', () => {
  expect(problemsOf({ flood: { posts: 0 }, slowMode: { seconds: 0 } })).toEqual([
    expect.stringMatching(/^flood\.posts/),
    expect.stringMatching(/^flood\.seconds/),
    expect.stringMatching(/^slowMode\.seconds/),
  ]);
});

it('says whose rules are wrong', () => {
  expect(() => parseRoomAutomod([], 'fish')).toThrow(
    /^The automod rules of the room fish are not valid:\n {2}- /,
  );
  expect(() => parseServerAutomod([])).toThrow(/^The automod rules of the server are not valid/);
  expect(() => parseServerAutomod({ directMessages: { notify: true } })).toThrow(
    /directMessages: needs one of minPosts/,
  );
});

it('a rule of a room stands instead of the server’s of the same name, as a whole', () => {
  const server = parseServerAutomod({
    flood: { posts: 5, seconds: 10, notify: true },
    slowMode: { seconds: 30 },
    mentions: { max: 5 },
    ...DIRECT_MESSAGES,
  });
  const room = parseRoomAutomod(
    { flood: { posts: 9, seconds: 9 }, slowMode: null, length: { linesMax: 3 } },
    'fish',
  );
  expect(overlayAutomod(server, room)).toEqual({
    flood: { posts: 9, seconds: 9 },
    mentions: { max: 5 },
    length: { linesMax: 3 },
  });
  expect(overlayAutomod({}, {})).toEqual({});
});
