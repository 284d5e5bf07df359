import type { SessionId } from '../protocol/ids.js';

/** What authentication needs to know about a user, and what it hands on. */
export interface AuthenticatedUser {
  id: number;
  sessionId: SessionId;
  /** Globally. */
  banned: boolean;
  /** Global roles; an admin is a moderator too. */
  moderator: boolean;
  admin: boolean;
}

export interface UserDirectory {
  /** Whoever was here before, or is banned. Reads only: a stranger can cause this call for any id. */
  find(sessionId: SessionId): AuthenticatedUser | undefined | Promise<AuthenticatedUser | undefined>;
  /**
   * Creates the row of a user seen for the first time (unless somebody named them before) and moves to it what was
   * pending under the 05 id (protocol.md §1.1), so the answer may be somebody banned or a moderator. Called only after
   * the signature verified; two calls at once for one id must both answer the same user.
   */
  arrive(sessionId: SessionId): Promise<AuthenticatedUser>;
}

/** Nonces that were used with a valid signature. Times are the signed ones, whole Unix seconds. Each call may be a round trip. */
export interface NonceStore {
  /** Reads only: a stranger can cause this call for any nonce. */
  has(nonce: Buffer): boolean | Promise<boolean>;
  /**
   * Remembers; false if it was there already. Of several callers with one nonce exactly one gets true. Throws
   * WireError when there are so many that it takes only times that are nearer to now (425), or none (503).
   */
  remember(nonce: Buffer, timestampSeconds: number): boolean | Promise<boolean>;
}

/** What one request costs whoever makes it. */
export interface Bill {
  /** Throws for who cannot. */
  pay(user: AuthenticatedUser): void;
  /** The request was none, after all. */
  giveBack(user: AuthenticatedUser): void;
}
