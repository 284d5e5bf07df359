import type { ActionOrigin } from '../storage/moderation-log.repository.js';

/** On whose behalf something is done, for the moderation log. */
export interface Actor {
  userId: number;
  via: ActionOrigin;
  /** The name of the admin token that it is done with; the user is then the server's own. */
  token?: string | undefined;
  /** Why, in a few words. */
  reason?: string | undefined;
}
