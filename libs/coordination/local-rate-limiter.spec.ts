import { LocalRateLimiter } from './local-rate-limiter.js';
import { describePostRateLimiter } from './post-rate-limiter.contract.js';

const LIMIT = { posts: 5, windowSeconds: 16 };
const ROOM = 1;
const ALICE = 10;
const BOB = 11;

describePostRateLimiter('in the process', (clock) => new LocalRateLimiter({ clock }));

describe('the memory of the rate limiter', () => {
  let now: number;
  beforeEach(() => {
    now = 1000;
  });
  const limiter = (keysMax?: number): LocalRateLimiter =>
    new LocalRateLimiter({ clock: { nowSeconds: () => now }, ...(keysMax ? { keysMax } : {}) });

  async function grants(of: LocalRateLimiter, count: number, user = ALICE): Promise<number> {
    const answers = await Promise.all(Array.from({ length: count }, () => of.reserve(ROOM, user, LIMIT)));
    return answers.filter(({ granted }) => granted).length;
  }

  it('is bounded: who posted least recently is forgotten', async () => {
    const posts = limiter(100);
    await grants(posts, 5, ALICE);
    for (let user = 1000; user < 1099; user++) await posts.reserve(ROOM, user, LIMIT);
    expect(await grants(posts, 1, ALICE)).toBe(0);
    for (let user = 2000; user < 2099; user++) await posts.reserve(ROOM, user, LIMIT);
    expect(await grants(posts, 1, ALICE)).toBe(0);
    for (let user = 3000; user < 3100; user++) await posts.reserve(ROOM, user, LIMIT);
    expect(posts.size).toBe(100);
    expect(await grants(posts, 1, ALICE)).toBe(1);
  });

  it('is freed of those whose posts no longer count', async () => {
    const posts = limiter();
    for (let user = 0; user < 1000; user++) await posts.reserve(ROOM, user, LIMIT);
    now += 17;
    for (let call = 0; call < 600; call++) await posts.reserve(ROOM, ALICE, LIMIT);
    expect(posts.size).toBe(1);
  });

  it('forgets posts of a time that a clock set back has yet to reach', async () => {
    const posts = limiter();
    expect(await grants(posts, 6)).toBe(5);
    now -= 3600;
    expect(await grants(posts, 6)).toBe(5);
    now += 17;
    expect(await grants(posts, 6)).toBe(5);
  });

  it('is not taken for a limit of 0', async () => {
    const posts = limiter();
    await posts.reserve(ROOM, ALICE, { posts: 0, windowSeconds: 16 });
    expect(posts.size).toBe(0);
  });

  it('is freed of a post that failed', async () => {
    const posts = limiter();
    const answer = await posts.reserve(ROOM, ALICE, LIMIT);
    if (answer.granted) answer.cancel();
    expect(posts.size).toBe(0);
  });

  it('is not confused by a failure reported after everything was forgotten', async () => {
    const posts = limiter(1);
    const answer = await posts.reserve(ROOM, ALICE, LIMIT);
    await posts.reserve(ROOM, BOB, LIMIT);
    expect(await grants(posts, 5, ALICE)).toBe(5);
    if (answer.granted) answer.cancel();
    expect(await grants(posts, 1, ALICE)).toBe(0);
  });
});
