import { describeAutomod } from './automod-description.js';
import { parseServerAutomod } from './automod-rules.js';

const sentences = (rules: object): string[] =>
  describeAutomod(parseServerAutomod(rules)).map(({ rule, sentence }) => `${rule}: ${sentence}`);

it.each<[object, string]>([
  [{ flood: { posts: 5, seconds: 10 } }, 'flood: More than 5 posts by one user within 10 seconds: rejected.'],
  [
    { flood: { posts: 1, seconds: 60, action: 'hide', muteSeconds: 7200, banSeconds: 86_400, notify: true } },
    'flood: More than 1 post by one user within 1 minute: hidden, muted for 2 hours, banned for 1 day, moderators are told.',
  ],
  [
    { flood: { posts: 2, seconds: 90, action: 'delete', banSeconds: 0 } },
    'flood: More than 2 posts by one user within 90 seconds: hidden, and the copies before it deleted, banned.',
  ],
  [
    { duplicates: { copies: 3, seconds: 60, dryRun: true } },
    'duplicates: More than 3 of the same text (of 8 letters or more) or file by anybody within 1 minute: only recorded (dry run).',
  ],
  [
    {
      newMembers: {
        minutes: 60,
        messages: 1,
        noLinks: true,
        noFiles: true,
        noMentions: true,
        noWriting: true,
      },
    },
    'newMembers: Posts, links, files and mentions in the first 1 hour on this server or before 1 message in the room: rejected.',
  ],
  [{ slowMode: { seconds: 30 } }, 'slowMode: More than one post per user and 30 seconds: rejected.'],
  [
    { links: { allow: ['a.com', 'b.com'], deny: ['c.com'], noCommunityLinks: true, noSessionIds: true } },
    'links: Links except to a.com and b.com, links to c.com, links to communities and Session IDs: rejected.',
  ],
  [{ links: { denyAll: true } }, 'links: Links: rejected.'],
  [
    { links: { deny: ['a.com', 'b.com', 'c.com', 'd.com', 'e.com', 'f.com', 'g.com'] } },
    'links: Links to a.com, b.com, c.com, d.com, e.com and 2 more: rejected.',
  ],
  [{ links: { deny: [] } }, 'links: No links: rejected.'],
  [{ mentions: { max: 1 } }, 'mentions: More than 1 mention: rejected.'],
  [{ length: { charactersMax: 500, linesMax: 9 } }, 'length: More than 500 characters or 9 lines: rejected.'],
  [
    { files: { allowTypes: ['image/*'], denyTypes: ['executable'], perMessageMax: 2 } },
    'files: Files other than image/*, files of type executable and more than 2 files in a message: rejected.',
  ],
  [
    { images: { hashes: [] } },
    'images: Images like one of 0 that are listed (8 bits apart at most): hidden.',
  ],
  [
    {
      raid: {
        joins: { count: 20, seconds: 60 },
        posts: { count: 1, seconds: 10 },
        newcomerMinutes: 1440,
        lockSeconds: 600,
      },
    },
    'raid: The room is closed to people who are here for less than 1 day for 10 minutes when more than 20 come within ' +
      '1 minute or they post more than 1 time within 10 seconds; the post that shows it: rejected.',
  ],
  [
    {
      directMessages: {
        minPosts: 3,
        minMinutes: 60,
        newRecipientsPerDayMax: 5,
        noBannedSenders: true,
        notify: true,
      },
    },
    'directMessages: Direct messages before 3 posts or 1 hour on this server, to more than 5 new recipients a day and ' +
      'from people who are banned in any room: swallowed, moderators are told.',
  ],
  [
    { directMessages: { noBannedSenders: true, dryRun: true } },
    'directMessages: Direct messages from people who are banned in any room: only recorded (dry run).',
  ],
])('%j in words', (rules, sentence) => expect(sentences(rules)).toEqual([sentence]));

it('only rules that are on are described, in their order', () => {
  expect(sentences({})).toEqual([]);
  const rules = {
    slowMode: { seconds: 1 },
    flood: { posts: 1, seconds: 1 },
    directMessages: { minPosts: 1 },
  };
  expect(describeAutomod(parseServerAutomod(rules)).map(({ rule }) => rule)).toEqual([
    'flood',
    'slowMode',
    'directMessages',
  ]);
});
