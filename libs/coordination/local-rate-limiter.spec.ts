import fc from 'fast-check';
import { LocalRateLimiter } from './local-rate-limiter.js';
import type { PostReservation } from './post-rate-limiter.js';

const LIMIT = { posts: 5, windowSeconds: 16 };
const ROOM = 1;
const ALICE = 10;
const BOB = 11;

let now = 1000;
const limiter = (keysMax?: number): LocalRateLimiter =>
  new LocalRateLimiter({ clock: { nowSeconds: () => now }, ...(keysMax ? { keysMax } : {}) });

beforeEach(() => {
  now = 1000;
});

async function grants(of: LocalRateLimiter, count: number, user = ALICE, limit = LIMIT): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, () => of.reserve(ROOM, user, limit)));
  return answers.filter(({ granted }) => granted).length;
}

describe('the rate limit of posts', () => {
  it('grants five posts and refuses the sixth, in parallel too', async () => {
    const posts = limiter();
    expect(await grants(posts, 6)).toBe(5);
    expect(await grants(posts, 1)).toBe(0);
  });

  it('counts by user and by room', async () => {
    const posts = limiter();
    await grants(posts, 5);
    expect(await grants(posts, 1, BOB)).toBe(1);
    expect((await posts.reserve(ROOM + 1, ALICE, LIMIT)).granted).toBe(true);
    expect((await posts.reserve(ROOM, ALICE, LIMIT)).granted).toBe(false);
  });

  it('counts a post that is exactly as old as the window, not an older one', async () => {
    const posts = limiter();
    await grants(posts, 5);
    now += 16;
    expect(await grants(posts, 1)).toBe(0);
    now += 0.001;
    expect(await grants(posts, 6)).toBe(5);
  });

  it('slides', async () => {
    const posts = limiter();
    for (let second = 0; second < 5; second++) {
      expect(await grants(posts, 1)).toBe(1);
      now++;
    }
    now = 1016.5;
    expect(await grants(posts, 2)).toBe(1);
    now = 1017.5;
    expect(await grants(posts, 2)).toBe(1);
  });

  it('does not count what it refused', async () => {
    const posts = limiter();
    await grants(posts, 5);
    now += 10;
    expect(await grants(posts, 50)).toBe(0);
    now += 6.5;
    expect(await grants(posts, 5)).toBe(5);
  });

  it('gives the place of a failed post back, once', async () => {
    const posts = limiter();
    const first = await posts.reserve(ROOM, ALICE, LIMIT);
    await grants(posts, 4);
    if (!first.granted) throw new Error('the first post was refused');
    first.cancel();
    first.cancel();
    expect(await grants(posts, 2)).toBe(1);
  });

  it('knows no limit of 0', async () => {
    const posts = limiter();
    expect(await grants(posts, 1000, ALICE, { posts: 0, windowSeconds: 16 })).toBe(1000);
    expect(posts.size).toBe(0);
  });

  it('follows a limit that was changed', async () => {
    const posts = limiter();
    await grants(posts, 5);
    expect(await grants(posts, 5, ALICE, { posts: 7, windowSeconds: 16 })).toBe(2);
    expect(await grants(posts, 1, ALICE, { posts: 3, windowSeconds: 16 })).toBe(0);
  });

  it('holds for any mixture of posts, failures and pauses', async () => {
    const step = fc.oneof(
      fc.record({ wait: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ post: fc.boolean() }),
      fc.record({ post: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        now = 1000;
        const posts = limiter();
        const successful: number[] = [];
        for (const each of steps) {
          if ('wait' in each) {
            now += each.wait;
            continue;
          }
          const due = successful.filter((time) => time >= now - LIMIT.windowSeconds).length < LIMIT.posts;
          const answer: PostReservation = await posts.reserve(ROOM, ALICE, LIMIT);
          expect(answer.granted).toBe(due);
          if (!answer.granted) continue;
          if (each.post) successful.push(now);
          else answer.cancel();
        }
      }),
    );
  });
});

describe('the memory of the rate limiter', () => {
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
