import type { PostRateLimit } from '../config/config.js';

export type PostReservation =
  | {
      readonly granted: true;
      /** The post failed: it no longer counts. May be called twice. */
      cancel(): void;
    }
  | { readonly granted: false };

/**
 * Counts a user's posts in a room (protocol.md §4.2: those with `posted` ≥ now − window). The place is taken
 * before the post is stored, so that of parallel posts only as many pass as there are places. A class so that
 * Nest can inject it by its type.
 */
export abstract class PostRateLimiter {
  /** Reserves a place or says no; a refusal does not count. `limit.posts` 0 means no limit. */
  abstract reserve(roomId: number, userId: number, limit: PostRateLimit): Promise<PostReservation>;
}
