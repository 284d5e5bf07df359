import { parseRules, pathOf, valueAt, withValue } from './rules-json.js';

it.each(['[]', 'null', '3', '{', ''])('%j is refused with a reason', (text) => {
  expect(parseRules(text)).toEqual({ problem: expect.stringMatching(/^This is no /) });
});

it('an object is taken as it is', () =>
  expect(parseRules('{"a":{"b":null}}')).toEqual({ rules: { a: { b: null } } }));

const RULES = { raid: { joins: { count: 3 }, lockSeconds: 60 }, flood: null };

it('a value is found by its path', () => {
  expect(valueAt(RULES, pathOf('raid.joins.count'))).toBe(3);
  expect(valueAt(RULES, pathOf('flood.posts'))).toBeUndefined();
  expect(valueAt(RULES, pathOf('flood'))).toBeNull();
});

it.each([
  ['raid.joins.count', 5, { raid: { joins: { count: 5 }, lockSeconds: 60 }, flood: null }],
  [
    'raid.posts.count',
    5,
    { raid: { joins: { count: 3 }, posts: { count: 5 }, lockSeconds: 60 }, flood: null },
  ],
  ['raid.joins.count', undefined, { raid: { lockSeconds: 60 }, flood: null }],
  ['flood', undefined, { raid: RULES.raid }],
  ['links.deny', ['a.com'], { ...RULES, links: { deny: ['a.com'] } }],
])('%s becomes %j', (path, value, expected) => {
  const before = structuredClone(RULES);
  expect(withValue(RULES, pathOf(path), value)).toEqual(expected);
  expect(RULES).toEqual(before);
});

it('keys stay in their places', () => {
  expect(Object.keys(withValue(RULES, pathOf('raid.lockSeconds'), 9))).toEqual(['raid', 'flood']);
});
