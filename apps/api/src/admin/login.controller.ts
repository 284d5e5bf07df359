import { Post, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import {
  AdminSessionsService,
  SESSION_SECONDS,
} from '../../../../libs/community/admin/admin-sessions.service.js';
import { LINK_SECONDS, LoginService } from '../../../../libs/community/admin/login.service.js';
import { publicOrigin } from '../../../../libs/community/join-link.js';
import { Config } from '../../../../libs/config/config.js';
import { AdminController } from './admin-controller.js';
import { Answers, AnswersNothing, Refuses } from './answers.js';
import { cookieOf, dropCookie, LOGIN_COOKIE, SESSION_COOKIE, setCookie } from './cookies.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { JsonBody } from './input.js';
import { ProblemError } from './problem.js';
import { sessionIdInput } from './schemas/parts.schema.js';

const CODE_LENGTH_MAX = 128;

const loginInput = z.strictObject({ sessionId: sessionIdInput });
const redeemInput = z.strictObject({
  code: z.string().min(1).max(CODE_LENGTH_MAX).describe('What the link has behind #code='),
});
const asked = z.object({ expiresInSeconds: z.int().describe('How long the link works') });

/** Open to everybody: who has no role gets no link, and is told the same. */
@AdminController('', 'session')
export class LoginController {
  constructor(
    private readonly login: LoginService,
    private readonly sessions: AdminSessionsService,
    private readonly config: Config,
  ) {}

  @Post('login')
  @ApiOperation({
    summary: 'Ask for a link to log in, as a direct message to a moderator',
    description:
      'The answer is the same whoever is asked for. The link works in the browser that asked. Who has five unused links gets no other: these then work in this browser too.',
  })
  @Answers(202, 'If they have a role here, a link is on its way', asked)
  async ask(
    @JsonBody(loginInput) { sessionId }: z.infer<typeof loginInput>,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<z.infer<typeof asked>> {
    const origin = publicOrigin(this.config, request.socket.localPort ?? this.config.port);
    const value = await this.login.request(sessionId, origin);
    setCookie(reply, this.config, { name: LOGIN_COOKIE, value, maxAgeSeconds: LINK_SECONDS });
    return { expiresInSeconds: LINK_SECONDS };
  }

  @Post('login/redeem')
  @ApiOperation({ summary: 'Log in with what the link says' })
  @AnswersNothing('Logged in, by cookie')
  @Refuses({ 401: 'It was used, is too old, or was asked for by another browser' })
  async redeem(
    @JsonBody(redeemInput) { code }: z.infer<typeof redeemInput>,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<void> {
    const value = await this.login.redeem(code, cookieOf(request, LOGIN_COOKIE));
    if (value === undefined)
      throw new ProblemError(
        'unauthenticated',
        'The link was used, is too old, or was asked for by another browser: ask for a new one here',
      );
    dropCookie(reply, this.config, LOGIN_COOKIE);
    setCookie(reply, this.config, { name: SESSION_COOKIE, value, maxAgeSeconds: SESSION_SECONDS });
  }

  @Post('logout')
  @ApiOperation({ summary: 'End the session of this browser' })
  @AnswersNothing('There is none any more')
  async logout(@Req() request: AdminRequest, @Res({ passthrough: true }) reply: AdminReply): Promise<void> {
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie !== undefined) await this.sessions.close(cookie);
    dropCookie(reply, this.config, SESSION_COOKIE);
  }
}
