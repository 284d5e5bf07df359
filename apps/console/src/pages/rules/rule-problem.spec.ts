import { ruleProblem } from './rule-problem.js';

it.each([
  ['flood.posts', 'is missing', 'Floods, “Posts”: is missing'],
  ['flood.banSeconds', 'must be at least 0', 'Floods, “Ban the author for (0: ever)”: must be at least 0'],
  ['links.deny[1]', 'is no domain', 'Links, “Forbidden domains”, line 2: is no domain'],
  ['images.hashes[0].hash', 'is short', 'Known images, “Hashes”, line 1: is short'],
  ['raid.joins.count', 'is missing', 'Raids, “More newcomers than”: is missing'],
  ['length', 'needs one of charactersMax, linesMax', 'Length: needs one of “Characters”, “Lines”'],
  ['raid', 'needs one of joins, posts', 'Raids: needs one of “joins”, “posts”'],
  ['raid.joins', 'must be an object', 'Raids, “joins”: must be an object'],
  ['', 'has no setting "spam"', 'has no setting "spam"'],
])('automod: %s', (path, message, text) => expect(ruleProblem('automod', { path, message })).toBe(text));

it.each([
  ['profanity.words[1]', 'has a * inside', 'Words, “Words”, line 2: has a * inside'],
  [
    'alphabets.silent',
    'must be true or false',
    'Alphabets, “Hide instead of refusing”: must be true or false',
  ],
  ['replies[1].templates[0]', 'must not be empty', 'Reply 2, “Texts”, line 1: must not be empty'],
  ['replies[0]', 'must be an object', 'Reply 1: must be an object'],
  ['replies', 'must be a list', 'replies: must be a list'],
])('filters: %s', (path, message, text) => expect(ruleProblem('filters', { path, message })).toBe(text));
