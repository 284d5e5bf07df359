import fc from 'fast-check';
import type { Clock } from '../protocol/clock.js';
import type { PostRateLimiter } from './post-rate-limiter.js';

const LIMIT = { posts: 5, windowSeconds: 16 };
const ALICE = 10;
const BOB = 11;

/** What every kind of rate limiter must do. `open` gives one that goes by the clock it is given. */
export function describePostRateLimiter(kind: string, open: (clock: Clock) => PostRateLimiter): void {
  describe(`${kind}: a limiter of post rates`, () => {
    let now: number;
    let room = 0;
    let posts: PostRateLimiter;
    beforeEach(() => {
      now = 1000;
      room++;
      posts = open({ nowSeconds: () => now });
    });

    async function grants(count: number, user = ALICE, limit = LIMIT): Promise<number> {
      const answers = Array.from({ length: count }, () => posts.reserve(room, user, limit));
      return (await Promise.all(answers)).filter(({ granted }) => granted).length;
    }

    it('grants five posts and refuses the sixth, in parallel too', async () => {
      expect(await grants(6)).toBe(5);
      expect(await grants(1)).toBe(0);
    });

    it('counts by user and by room', async () => {
      await grants(5);
      expect(await grants(1, BOB)).toBe(1);
      expect((await posts.reserve(room, ALICE, LIMIT)).granted).toBe(false);
      expect((await posts.reserve(++room, ALICE, LIMIT)).granted).toBe(true);
    });

    it('counts a post that is exactly as old as the window, not an older one', async () => {
      await grants(5);
      now += 16;
      expect(await grants(1)).toBe(0);
      now += 0.001;
      expect(await grants(6)).toBe(5);
    });

    it('slides', async () => {
      for (let second = 0; second < 5; second++) {
        expect(await grants(1)).toBe(1);
        now++;
      }
      now = 1016.5;
      expect(await grants(2)).toBe(1);
      now = 1017.5;
      expect(await grants(2)).toBe(1);
    });

    it('does not count what it refused', async () => {
      await grants(5);
      now += 10;
      expect(await grants(50)).toBe(0);
      now += 6.5;
      expect(await grants(5)).toBe(5);
    });

    it('gives the place of a failed post back, once, to whoever asks next', async () => {
      const first = await posts.reserve(room, ALICE, LIMIT);
      await grants(4);
      if (!first.granted) throw new Error('the first post was refused');
      first.cancel();
      first.cancel();
      expect(await grants(2)).toBe(1);
    });

    it('knows no limit of 0', async () => {
      expect(await grants(1000, ALICE, { posts: 0, windowSeconds: 16 })).toBe(1000);
      expect(await grants(6)).toBe(5);
    });

    it('follows a limit that was changed', async () => {
      await grants(5);
      expect(await grants(5, ALICE, { posts: 7, windowSeconds: 16 })).toBe(2);
      expect(await grants(1, ALICE, { posts: 3, windowSeconds: 16 })).toBe(0);
    });

    it('holds for any mixture of posts, failures and pauses', async () => {
      const step = fc.oneof(
        fc.record({ wait: fc.integer({ min: 0, max: 8 }) }),
        fc.record({ post: fc.boolean() }),
        fc.record({ post: fc.boolean() }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
          room++;
          const successful: number[] = [];
          for (const each of steps) {
            if ('wait' in each) {
              now += each.wait;
              continue;
            }
            const due = successful.filter((time) => time >= now - LIMIT.windowSeconds).length < LIMIT.posts;
            const answer = await posts.reserve(room, ALICE, LIMIT);
            expect(answer.granted).toBe(due);
            if (!answer.granted) continue;
            if (each.post) successful.push(now);
            else answer.cancel();
          }
        }),
      );
    });
  });
}
