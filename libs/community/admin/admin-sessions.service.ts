import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { AdminSessionsRepository } from '../../storage/admin/admin-sessions.repository.js';
import { Secrets } from './secrets.js';

/** Roles are looked up with every request, so this only bounds how long a forgotten browser stays logged in. */
export const SESSION_SECONDS = 12 * 3600;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** A browser's session as its cookie proves it. */
export interface OpenSession {
  userId: number;
  /** What the browser's own pages have to repeat in a header with every write. */
  csrfToken: string;
}

/** Browsers that are logged in to the console. */
@Injectable()
export class AdminSessionsService {
  constructor(
    private readonly sessions: AdminSessionsRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** Returns what the cookie is to hold. */
  async open(userId: number): Promise<string> {
    const secret = this.secrets.random();
    const createdAt = this.clock.nowSeconds();
    const expiresAt = createdAt + SESSION_SECONDS;
    await this.sessions.insert({ secretHash: this.secrets.hash(secret), userId, createdAt, expiresAt });
    return secret.toString('base64url');
  }

  /** Undefined for what is no session, or one that has ended. */
  async find(cookie: string): Promise<OpenSession | undefined> {
    const secret = secretOf(cookie);
    const userId = secret && (await this.sessions.find(this.secrets.hash(secret), this.clock.nowSeconds()));
    if (userId === undefined) return undefined;
    return { userId, csrfToken: this.secrets.proof('csrf', cookie).toString('base64url') };
  }

  /** Whether a header repeats the session's {@link OpenSession.csrfToken}. */
  isCsrfToken(session: OpenSession, text: string | undefined): boolean {
    return text !== undefined && this.secrets.isEqual(Buffer.from(session.csrfToken), Buffer.from(text));
  }

  async close(cookie: string): Promise<void> {
    const secret = secretOf(cookie);
    if (secret) await this.sessions.remove(this.secrets.hash(secret));
  }
}

const secretOf = (cookie: string): Buffer | undefined =>
  SECRET.test(cookie) ? Buffer.from(cookie, 'base64url') : undefined;
