import { areFewHollow, areFewOrphans, doubtsAbout } from './sweep-rules.js';

describe('bytes without a record', () => {
  it.each([
    [100, 100],
    [100, 0],
    [1000, 10_000],
  ])('are few: %d of %d', (orphans, stored) => expect(areFewOrphans(orphans, stored)).toBe(true));
  it.each([
    [101, 101],
    [101, 1000],
    [1001, 10_000],
  ])('are too many: %d of %d', (orphans, stored) => expect(areFewOrphans(orphans, stored)).toBe(false));
});

describe('records without bytes', () => {
  it.each([
    [0, 0],
    [10, 11],
    [100, 10_000],
  ])('are few: %d of %d', (hollow, recorded) => expect(areFewHollow(hollow, recorded)).toBe(true));
  it.each([
    [1, 1],
    [10, 10],
    [11, 100],
    [101, 10_000],
  ])('are too many: %d of %d', (hollow, recorded) => expect(areFewHollow(hollow, recorded)).toBe(false));
});

describe('doubts', () => {
  const fine = { stored: 500, recorded: 500, orphans: 3, strangers: 0, hollow: 2, hollowLasting: 0 };

  it('are none about what an accident leaves', () => expect(doubtsAbout(fine, 'file:/f')).toEqual([]));

  it.each([
    [{ hollow: 500 }, /^Recorded files are missing from file:\/f: 500 of 500\. Is the disk mounted/],
    [{ hollowLasting: 1 }, /^Room images or files of pinned messages are missing from file:\/f: 1\./],
    [{ orphans: 200 }, /^Files in file:\/f have no record: 200 of 500,/],
    [{ strangers: 1 }, /^Files in file:\/f have ids that this database never gave out: 1\./],
  ])('tell of %j', (over, sentence) => {
    expect(doubtsAbout({ ...fine, ...over }, 'file:/f')).toEqual([expect.stringMatching(sentence)]);
  });
});
