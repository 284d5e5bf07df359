import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator } from '../../../../libs/auth/authenticator.js';
import { AdminSessionsService } from '../../../../libs/community/admin/admin-sessions.service.js';
import { hasAnywhere, type Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService, requireEverywhere } from '../../../../libs/community/admin/principals.service.js';
import { TurnedAwayError } from '../../../../libs/community/newcomers.service.js';
import { EventWindows } from '../../../../libs/coordination/event-windows.js';
import { WireError } from '../../../../libs/protocol/errors.js';
import { toWireRequest } from '../http/wire-conversion.js';
import { cookieOf, SESSION_COOKIE } from './cookies.js';
import { headerOf, type AdminRequest, type Asked } from './exchange.js';
import { NEED, type Need } from './needs.js';
import { ProblemError } from './problem.js';

const REQUESTS_MAX = 600;
const WINDOW_SECONDS = 60;
const BEARER = /^Bearer ([\u0021-\u007e]+)$/i;

/** Finds out who asks, and whether they may. Without a need, everybody may. */
@Injectable()
export class PrincipalGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly principals: PrincipalsService,
    private readonly sessions: AdminSessionsService,
    private readonly authenticator: Authenticator,
    private readonly windows: EventWindows,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const need = this.reflector.get<Need | undefined>(NEED, context.getHandler());
    if (!need) return true;
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const asked = await this.whoAsks(request);
    await this.slowDown(asked.principal);
    await this.check(need, request, asked);
    request.asked = asked;
    return true;
  }

  /** A token, else signed headers, else a browser's cookie. */
  private async whoAsks(request: AdminRequest): Promise<Asked> {
    const authorization = headerOf(request, 'authorization');
    if (authorization !== undefined) {
      const [, text] = BEARER.exec(authorization) ?? [];
      const again = async () => (text === undefined ? undefined : this.principals.ofToken(text));
      const principal = await again();
      if (!principal)
        throw new ProblemError('unauthenticated', 'The token is unknown, expired or revoked', {}, CHALLENGE);
      return { principal, again };
    }
    const identity = await this.authenticator.authenticate(toWireRequest(request)).catch(refuseIdentity);
    if (identity) {
      const again = () => this.principals.ofUserId(identity.user.id);
      return { principal: await this.principals.ofUser(identity.user), again };
    }
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie === undefined) throw new ProblemError('unauthenticated', undefined, {}, CHALLENGE);
    return this.ofBrowser(request, cookie);
  }

  /** Other pages can make a browser send its cookie, but cannot read what has to be repeated beside it. */
  private async ofBrowser(request: AdminRequest, cookie: string): Promise<Asked> {
    const session = await this.sessions.find(cookie);
    const principal = session && (await this.principals.ofUserId(session.userId));
    if (!principal) throw new ProblemError('unauthenticated', 'The session has ended', {}, CHALLENGE);
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    if (writes && !this.sessions.isCsrfToken(session, headerOf(request, 'x-csrf-token')))
      throw new ProblemError('forbidden', 'The X-CSRF-Token header is missing or wrong');
    const again = async () => {
      const found = await this.sessions.find(cookie);
      return found && this.principals.ofUserId(found.userId);
    };
    return { principal, again, csrfToken: session.csrfToken };
  }

  private async slowDown({ key }: Principal): Promise<void> {
    if ((await this.windows.count(`admin/${key}`, WINDOW_SECONDS, REQUESTS_MAX)) > REQUESTS_MAX)
      throw new ProblemError('rate-limited', undefined, {}, { 'retry-after': String(WINDOW_SECONDS) });
  }

  private async check({ role, where }: Need, request: AdminRequest, asked: Asked): Promise<void> {
    const { principal } = asked;
    if (where === 'everywhere') return requireEverywhere(principal, role);
    if (where === 'room') {
      const { token = '' } = request.params as { token?: string };
      asked.room = await this.principals.room(principal, token, role);
      return;
    }
    if (!hasAnywhere(principal, role))
      throw new ProblemError('forbidden', `This needs the role ${role} in some room`);
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="plaza"' };

/**
 * The protocol's own words for what is wrong with signed headers; whoever is banned is told so, and whoever is one
 * newcomer too many.
 */
function refuseIdentity(error: unknown): never {
  if (error instanceof TurnedAwayError)
    throw new ProblemError('rate-limited', error.message, {}, error.refusal.headers);
  if (!(error instanceof WireError)) throw error;
  throw new ProblemError(error.status === 403 ? 'forbidden' : 'unauthenticated', error.text);
}
