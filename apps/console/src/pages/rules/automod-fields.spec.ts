import { AUTOMOD_RULES, hashesOf, hashLines, initialRule } from './automod-fields.js';

it('every rule has a name of its own, and fields', () => {
  const names = AUTOMOD_RULES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { fields } of AUTOMOD_RULES) expect(fields.length).toBeGreaterThan(0);
});

it('a rule begins with what it cannot do without', () => {
  const byName = (wanted: string) => initialRule(AUTOMOD_RULES.find(({ name }) => name === wanted)!);
  expect(byName('flood')).toEqual({ posts: 5, seconds: 10 });
  expect(byName('raid')).toEqual({
    posts: { count: 30, seconds: 60 },
    newcomerMinutes: 60,
    lockSeconds: 600,
  });
  expect(byName('images')).toEqual({ hashes: [] });
});

it('hashes are lines with notes', () => {
  const hashes = [
    { hash: 'ab'.repeat(32), kind: 'sha256' as const, note: 'an advertisement' },
    { hash: 'cd'.repeat(8), kind: 'perceptual' as const },
  ];
  expect(hashesOf(hashLines(hashes))).toEqual(hashes);
});
