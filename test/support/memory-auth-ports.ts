import type { AuthenticatedUser, NonceStore, UserDirectory } from '../../libs/auth/ports.js';
import type { SessionId } from '../../libs/protocol/ids.js';

/** Users in memory, with everything that the authenticator can cause to be written in plain sight. */
export class MemoryUsers implements UserDirectory {
  readonly rows = new Map<SessionId, AuthenticatedUser>();
  /** Bans by 05 id that move to the row when it comes into being. */
  readonly pendingBans = new Set<SessionId>();

  /** As if an operator had named this user. */
  add(sessionId: SessionId, over: Partial<AuthenticatedUser> = {}): AuthenticatedUser {
    const user = {
      id: this.rows.size + 1,
      sessionId,
      banned: false,
      moderator: false,
      admin: false,
      ...over,
    };
    this.rows.set(sessionId, user);
    return user;
  }

  find(sessionId: SessionId): Promise<AuthenticatedUser | undefined> {
    return Promise.resolve(this.rows.get(sessionId));
  }

  arrive(sessionId: SessionId): Promise<AuthenticatedUser> {
    const known = this.rows.get(sessionId);
    return Promise.resolve(known ?? this.add(sessionId, { banned: this.pendingBans.delete(sessionId) }));
  }
}

export class MemoryNonces implements NonceStore {
  readonly seen = new Set<string>();

  has(nonce: Buffer): boolean {
    return this.seen.has(nonce.toString('hex'));
  }

  remember(nonce: Buffer): boolean {
    const before = this.seen.size;
    return this.seen.add(nonce.toString('hex')).size > before;
  }
}
