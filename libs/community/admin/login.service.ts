import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { absoluteOf } from '../../auth/blinding.js';
import { BlindedIds } from '../../auth/blinded-ids.js';
import { ServerMessenger } from '../../auth/server-messenger.js';
import { Clock } from '../../protocol/clock.js';
import { writeContent } from '../../protocol/content-writer.js';
import { isBlinded, isUnblinded, sessionIdKey, type SessionId } from '../../protocol/ids.js';
import { addPadding } from '../../protocol/padding.js';
import { AdminSessionsRepository } from '../../storage/admin/admin-sessions.repository.js';
import { Database } from '../../storage/database.js';
import { UsersRepository } from '../../storage/users.repository.js';
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

/** Letters that nobody used yet. Whoever has so many gets no other: these work in other browsers then. */
const LINKS_PER_PERSON_MAX = 5;
/** Requests that are being looked at; more wait for their answer. */
const UNDER_WAY_MAX = 50;
/** A browser's secret: so many random bytes, and as many by which it is known for whom it asked. */
const HALF_BYTES = 16;

/**
 * Logging in without a password: a link that works once, sent to the moderator's own inbox. Strangers may ask for
 * links too, for anybody and as often as they like: that must not keep those out whom the links are for, so nothing
 * here is counted but letters that were sent.
 */
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
    private readonly users: UsersRepository,
    private readonly blindedIds: BlindedIds,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a secret for the browser that asks, without which the link is worth nothing. Neither the answer nor the
   * time that it takes tells whether anybody was written to: that happens afterwards.
   */
  async request(sessionId: SessionId, origin: string): Promise<string> {
    while (this.underWay.size >= UNDER_WAY_MAX) await Promise.race(this.underWay);
    const random = this.secrets.random(HALF_BYTES);
    const browser = Buffer.concat([random, this.proofOf(random, sessionId)]);
    const sending = this.send(sessionId, origin, browser).catch((error: unknown) =>
      this.log.error('a login link could not be sent', error instanceof Error ? error.stack : String(error)),
    );
    this.underWay.add(sending);
    void sending.finally(() => this.underWay.delete(sending));
    return browser.toString('base64url');
  }

  /**
   * What the session's cookie is to hold; undefined for a link that was used, is too old, or was asked for by another
   * browser, and when the person has no role any more.
   */
  async redeem(code: string, browser: string | undefined): Promise<string | undefined> {
    if (browser === undefined || !SECRET.test(code) || !SECRET.test(browser)) return undefined;
    const userId = await this.take(Buffer.from(code, 'base64url'), Buffer.from(browser, 'base64url'));
    const principal = userId === undefined ? undefined : await this.principals.ofUserId(userId);
    if (userId === undefined || !principal || !hasAnywhere(principal, 'viewer')) return undefined;
    await this.database.transaction((tx) =>
      this.moderationLog.record(tx, principal.actor, { action: 'session.open' }),
    );
    return this.sessions.open(userId);
  }

  private async take(code: Buffer, browser: Buffer): Promise<number | undefined> {
    const [codeHash, now] = [this.secrets.hash(code), this.clock.nowSeconds()];
    const own = await this.links.takeLink(codeHash, this.secrets.hash(browser), now);
    if (own !== undefined) return own;
    const sharedBy = await this.links.findShared(codeHash, now);
    if (sharedBy === undefined) return undefined;
    const proof = this.proofOf(browser.subarray(0, HALF_BYTES), sharedBy);
    return this.secrets.isEqual(proof, browser.subarray(HALF_BYTES))
      ? this.links.takeShared(codeHash, now)
      : undefined;
  }

  /** That a link for this person was asked for in the browser that has the random bytes. */
  private proofOf(random: Buffer, sessionId: SessionId): Buffer {
    const pair = isUnblinded(sessionId) ? this.blindedIds.pairOf(sessionId) : undefined;
    const person = isBlinded(sessionId) ? absoluteOf(sessionId) : (pair?.absolute ?? sessionId);
    return this.secrets.proof('login browser', `${random.toString('hex')} ${person}`).subarray(0, HALF_BYTES);
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
    const link = {
      codeHash: this.secrets.hash(code),
      browserHash: this.secrets.hash(browser),
      userId: user.id,
      expiresAt: now + LINK_SECONDS,
    };
    const isNew = await this.database.transaction(async (tx) => {
      await this.users.lock(tx, user.id); // of requests at one time each counts the links of those before
      if (await this.links.shareAll(tx, user.id, now, LINKS_PER_PERSON_MAX)) return false;
      await this.links.insertLink(tx, link);
      return true;
    });
    if (!isNew) return;
    const sender = await this.people.arrive(this.messenger.sessionId);
    const publicKey = sessionIdKey(this.messenger.sessionId);
    await this.directMessages.send({ user: sender, blinded: true, publicKey }, user.sessionId, sealed);
  }
}

const loginText = (origin: string, code: string): string =>
  [
    `Log in to look after ${new URL(origin).host}:`,
    `${origin}/admin/login#code=${code}`,
    '',
    'The link works once, for ten minutes, in the browser that asked for it. If you did not ask, ignore this message.',
  ].join('\n');
