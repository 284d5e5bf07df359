import { judgeDirectMessage, type DirectMessageFacts } from './automod-direct-messages.js';
import { parseServerAutomod } from './automod-rules.js';

const MESSAGE = { sender: { id: 1 }, recipient: { id: 2 } };
const HOUR = 3600;

interface Circumstances {
  posts?: number;
  ageSeconds?: number;
  banned?: boolean;
  sent?: boolean;
  received?: boolean;
  recipients?: number;
}

function judge(rule: object, circumstances: Circumstances = {}, asked: string[] = []) {
  const {
    posts = 0,
    ageSeconds = 0,
    banned = false,
    sent = false,
    received = false,
    recipients = 1,
  } = circumstances;
  const facts: DirectMessageFacts = {
    standing: async () => (asked.push('standing'), { posts, ageSeconds }),
    isBannedSomewhere: async () => (asked.push('banned'), banned),
    conversation: async () => (asked.push('conversation'), { sent, received }),
    record: async (...call) => (
      asked.push(`record ${call.join(' ')}`),
      { events: recipients, members: recipients }
    ),
  };
  return judgeDirectMessage(parseServerAutomod({ directMessages: rule }).directMessages, MESSAGE, facts);
}

it('without a rule everything passes, and nothing is asked', async () => {
  const facts = {} as DirectMessageFacts;
  expect(await judgeDirectMessage(undefined, MESSAGE, facts)).toBeUndefined();
});

describe('a rule for established senders', () => {
  it.each([
    [{ minPosts: 3 }, { posts: 2, ageSeconds: 99 * HOUR }, false],
    [{ minPosts: 3 }, { posts: 3 }, true],
    [{ minMinutes: 60 }, { posts: 99, ageSeconds: HOUR - 1 }, false],
    [{ minMinutes: 60 }, { ageSeconds: HOUR }, true],
    [{ minPosts: 3, minMinutes: 60 }, { posts: 2, ageSeconds: HOUR - 1 }, false],
    [{ minPosts: 3, minMinutes: 60 }, { posts: 3 }, true],
    [{ minPosts: 3, minMinutes: 60 }, { ageSeconds: HOUR }, true],
  ])('%j with %j passes: %s', async (rule, circumstances, passes) => {
    expect((await judge(rule, circumstances)) === undefined).toBe(passes);
  });

  it('swallows, and says why without saying who', async () => {
    expect(await judge({ minPosts: 3, notify: true }, { posts: 1, ageSeconds: 5.5 })).toEqual({
      rule: 'directMessages',
      action: 'hide',
      notify: true,
      dryRun: false,
      detail: { what: 'new sender', posts: 1, ageSeconds: 5 },
    });
    expect(await judge({ minPosts: 3, dryRun: true })).toMatchObject({ dryRun: true });
  });

  it('lets answers through', async () => {
    expect(await judge({ minPosts: 3, newRecipientsPerDayMax: 0 }, { received: true })).toBeUndefined();
  });
});

describe('a limit of new recipients', () => {
  it('counts different ones within a day', async () => {
    const asked: string[] = [];
    expect(await judge({ newRecipientsPerDayMax: 3 }, { recipients: 3 }, asked)).toBeUndefined();
    expect(asked).toEqual(['conversation', 'record direct-messages/1 2 86400']);
    expect(await judge({ newRecipientsPerDayMax: 3 }, { recipients: 4 })).toMatchObject({
      detail: { what: 'new recipients', recipients: 4, limit: 3 },
    });
  });

  it('does not count those who were written to before', async () => {
    const asked: string[] = [];
    expect(await judge({ newRecipientsPerDayMax: 0 }, { sent: true, recipients: 9 }, asked)).toBeUndefined();
    expect(asked).toEqual(['conversation']);
  });
});

describe('a rule against banned senders', () => {
  it('swallows whatever they write, answers too', async () => {
    expect(await judge({ noBannedSenders: true }, { banned: true, received: true })).toMatchObject({
      detail: { what: 'banned sender' },
    });
  });

  it('asks nothing else', async () => {
    const asked: string[] = [];
    expect(await judge({ noBannedSenders: true }, {}, asked)).toBeUndefined();
    expect(asked).toEqual(['banned']);
  });
});
