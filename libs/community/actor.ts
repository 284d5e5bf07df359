import type { ActionOrigin } from '../storage/moderation-log.repository.js';

/** On whose behalf something is done, for the moderation log. */
export interface Actor {
  userId: number;
  via: ActionOrigin;
  /** Why, in a few words. */
  reason?: string | undefined;
}
