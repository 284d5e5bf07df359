import { AutomodRoom } from '../../../test/support/automod-room.js';
import { isNewcomer } from '../automod.js';

const HEX = 'ab'.repeat(32);

describe('the rule for new members', () => {
  const room = (rule: object): AutomodRoom => new AutomodRoom({ newMembers: { minutes: 10, ...rule } });
  const NEW = { standing: { ageSeconds: 599, posts: 50 } };

  it.each([
    [{ noLinks: true }, 'see example.com'],
    [{ noLinks: true }, `join /fish?public_key=${HEX}`],
    [{ noMentions: true }, `@15${HEX} hi`],
    [{ noWriting: true }, 'hello'],
  ])('%j: not %s', async (rule, text) => {
    expect(await room(rule).broken(text, NEW)).toEqual(['newMembers']);
    expect(await room(rule).broken(text, { standing: { ageSeconds: 600, posts: 0 } })).toEqual([]);
  });

  it('lets what is not named through', async () => {
    const rule = room({ noLinks: true, noFiles: true });
    expect(await rule.broken(`hello @15${HEX}`, NEW)).toEqual([]);
    expect(rule.asked).toEqual([]);
  });

  it('is about files that are attached, and those that are only shown', async () => {
    expect(await room({ noFiles: true }).broken('', { ...NEW, files: [{}] })).toEqual(['newMembers']);
    expect(await room({ noFiles: true }).broken({ attachments: [{ fileName: 'a.png' }] }, NEW)).toEqual([
      'newMembers',
    ]);
  });

  it('is over when both time and messages are enough', async () => {
    const rule = { newMembers: { minutes: 10, messages: 3, noWriting: true } };
    const standings: [number, number, string[]][] = [
      [599, 3, ['newMembers']],
      [600, 2, ['newMembers']],
      [600, 3, []],
    ];
    for (const [ageSeconds, posts, rules] of standings)
      expect(await new AutomodRoom(rule).broken('hi', { standing: { ageSeconds, posts } })).toEqual(rules);
    const byMessages = new AutomodRoom({ newMembers: { messages: 3, noWriting: true } });
    expect(await byMessages.broken('hi', { standing: { ageSeconds: 0, posts: 3 } })).toEqual([]);
  });

  it('says what was new about whom, in numbers', async () => {
    const [finding] = await room({ noWriting: true }).post('hi', { standing: { ageSeconds: 5.7, posts: 1 } });
    expect(finding?.detail).toEqual({ what: 'writing', ageSeconds: 5, posts: 1 });
  });

  it('asks once, however many rules want to know', async () => {
    const both = new AutomodRoom({
      newMembers: { minutes: 10, noWriting: true },
      raid: { posts: { count: 5, seconds: 60 }, newcomerMinutes: 10, lockSeconds: 60 },
    });
    await both.post('hi', NEW);
    expect(both.asked.filter((each) => each === 'standing')).toHaveLength(1);
  });
});

it('a newcomer is younger than so many minutes', () => {
  expect(isNewcomer({ ageSeconds: 599.9 }, { newcomerMinutes: 10 })).toBe(true);
  expect(isNewcomer({ ageSeconds: 600 }, { newcomerMinutes: 10 })).toBe(false);
});
