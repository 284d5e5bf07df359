import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ServerMessenger } from '../../auth/server-messenger.js';
import { EventWindows } from '../../coordination/event-windows.js';
import { Clock } from '../../protocol/clock.js';
import { writeContent } from '../../protocol/content-writer.js';
import { rateLimited } from '../../protocol/errors.js';
import { isBlinded, sessionIdKey, type SessionId } from '../../protocol/ids.js';
import { addPadding } from '../../protocol/padding.js';
import { AdminSessionsRepository } from '../../storage/admin/admin-sessions.repository.js';
import { Database } from '../../storage/database.js';
import { DirectMessagesService } from '../direct-messages.service.js';
import { ModerationLogService } from '../moderation-log.service.js';
import { PeopleService } from '../people.service.js';
import { AdminSessionsService } from './admin-sessions.service.js';
import { hasAnywhere } from './principal.js';
import { PrincipalsService } from './principals.service.js';
import { Secrets } from './secrets.js';

export const LINK_SECONDS = 600;
const PROFILE_NAME = 'Plaza';
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Within the life of a link. */
const LINKS_PER_PERSON_MAX = 5;
const LINKS_MAX = 60;
const ATTEMPTS_MAX = 300;

/** Logging in without a password: a link that works once, sent to the moderator's own inbox. */
@Injectable()
export class LoginService implements OnModuleDestroy {
  private readonly log = new Logger('login');
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly principals: PrincipalsService,
    private readonly sessions: AdminSessionsService,
    private readonly links: AdminSessionsRepository,
    private readonly directMessages: DirectMessagesService,
    private readonly messenger: ServerMessenger,
    private readonly moderationLog: ModerationLogService,
    private readonly windows: EventWindows,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a secret for the browser that asks, without which the link is worth nothing. Neither the answer nor the
   * time that it takes tells whether anybody was written to: that happens afterwards. Throws 429.
   */
  async request(sessionId: SessionId, origin: string): Promise<string> {
    await this.slowDown(`admin/login/${sessionId}`, LINKS_PER_PERSON_MAX);
    await this.slowDown('admin/login', LINKS_MAX);
    const browser = this.secrets.random();
    const sending = this.send(sessionId, origin, browser).catch((error: unknown) =>
      this.log.error('a login link could not be sent', error instanceof Error ? error.stack : String(error)),
    );
    this.underWay.add(sending);
    void sending.finally(() => this.underWay.delete(sending));
    return browser.toString('base64url');
  }

  /**
   * What the session's cookie is to hold; undefined for a link that was used, is too old, or was asked for by another
   * browser, and when the person has no role any more. Throws 429.
   */
  async redeem(code: string, browser: string | undefined): Promise<string | undefined> {
    await this.slowDown('admin/redeem', ATTEMPTS_MAX);
    if (browser === undefined || !SECRET.test(code) || !SECRET.test(browser)) return undefined;
    const userId = await this.links.takeLink(
      this.secrets.hash(Buffer.from(code, 'base64url')),
      this.secrets.hash(Buffer.from(browser, 'base64url')),
      this.clock.nowSeconds(),
    );
    const principal = userId === undefined ? undefined : await this.principals.ofUserId(userId);
    if (userId === undefined || !principal || !hasAnywhere(principal, 'viewer')) return undefined;
    await this.database.transaction((tx) =>
      this.moderationLog.record(tx, principal.actor, { action: 'session.open' }),
    );
    return this.sessions.open(userId);
  }

  /** Until all that was asked for is sent. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async send(named: SessionId, origin: string, browser: Buffer): Promise<void> {
    const user = await this.people.known(named);
    if (!user || user.banned || !isBlinded(user.sessionId)) return;
    if (!hasAnywhere(await this.principals.ofUser(user), 'viewer')) return;
    const code = this.secrets.random();
    const now = this.clock.nowSeconds();
    const content = writeContent({
      body: loginText(origin, code.toString('base64url')),
      timestampMs: Math.floor(now * 1000),
      displayName: PROFILE_NAME,
    });
    const sealed = this.messenger.seal(user.sessionId, addPadding(content));
    if (!sealed) return;
    await this.links.insertLink({
      codeHash: this.secrets.hash(code),
      browserHash: this.secrets.hash(browser),
      userId: user.id,
      expiresAt: now + LINK_SECONDS,
    });
    const sender = await this.people.arrive(this.messenger.sessionId);
    const publicKey = sessionIdKey(this.messenger.sessionId);
    await this.directMessages.send({ user: sender, blinded: true, publicKey }, user.sessionId, sealed);
  }

  private async slowDown(key: string, max: number): Promise<void> {
    if ((await this.windows.record(key, '', LINK_SECONDS, max)).events > max) throw rateLimited();
  }
}

const loginText = (origin: string, code: string): string =>
  [
    `Log in to look after ${new URL(origin).host}:`,
    `${origin}/admin/login#code=${code}`,
    '',
    'The link works once, for ten minutes, in the browser that asked for it. If you did not ask, ignore this message.',
  ].join('\n');
