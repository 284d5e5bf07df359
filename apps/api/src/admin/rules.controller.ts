import { Get, Post, Put, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { RulesPreviewService } from '../../../../libs/community/admin/rules-preview.service.js';
import {
  ModerationRulesService,
  type RuleKind,
} from '../../../../libs/community/moderation-rules.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import type { RoomToken } from '../../../../libs/protocol/ids.js';
import { AdminController, Conditional, Repeatable } from './admin-controller.js';
import { Answers, Refuses } from './answers.js';
import { Etags } from './etags.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { JsonBody, PathOf } from './input.js';
import { Asker, InRoom, Needs } from './needs.js';
import { ProblemError } from './problem.js';
import { sessionId } from './schemas/parts.schema.js';

const PREVIEWED_DEFAULT = 200;
const PREVIEWED_MAX = 500;

const ruleKind = z.enum(['filters', 'automod']);
const rules = z.record(z.string(), z.unknown()).describe('As `plaza filter` and `plaza automod` have them');
type Rules = z.infer<typeof rules>;

const previewInput = z.strictObject({
  filters: rules.optional(),
  automod: rules.optional(),
  messages: z.int().min(1).max(PREVIEWED_MAX).default(PREVIEWED_DEFAULT).describe('How many, the latest'),
});
const preview = z.object({
  items: z.array(
    z.object({
      messageId: z.int(),
      sessionId,
      text: z.string().optional(),
      outcome: z.enum(['reject', 'hide', 'delete', 'pass']).describe('pass: it would only be recorded'),
      reasons: z.array(z.string()),
    }),
  ),
  judged: z.int(),
  caught: z.int(),
});

/** What messages are judged by: rules of the server, and what rooms have instead. */
@AdminController('', 'rules')
export class RulesController {
  constructor(
    private readonly rules: ModerationRulesService,
    private readonly previews: RulesPreviewService,
    private readonly etags: Etags,
  ) {}

  @Get('server/rules/:kind')
  @Needs('viewer', 'everywhere')
  @ApiOperation({ summary: 'Rules of the whole server' })
  @Answers(200, 'The rules, with their ETag', rules)
  ofServer(
    @PathOf('kind', ruleKind, 'filters or automod') kind: RuleKind,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Rules> {
    return this.read(undefined, kind, reply);
  }

  @Put('server/rules/:kind')
  @Needs('admin', 'everywhere')
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Replace rules of the whole server' })
  @Answers(200, 'The rules as they are now', rules)
  @Refuses({ 412: 'Somebody else has changed them', 428: 'If-Match is missing' })
  changeServer(
    @Asker() principal: Principal,
    @PathOf('kind', ruleKind, 'filters or automod') kind: RuleKind,
    @JsonBody(rules) wanted: Rules,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Rules> {
    return this.write(principal, undefined, { kind, wanted, request, reply });
  }

  @Get('rooms/:token/rules/:kind')
  @Needs('viewer', 'room')
  @ApiOperation({ summary: "What a room has instead of the server's rules" })
  @Answers(200, 'The rules, with their ETag', rules)
  ofRoom(
    @InRoom() { room }: RoomAccess,
    @PathOf('kind', ruleKind, 'filters or automod') kind: RuleKind,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Rules> {
    return this.read(room.token, kind, reply);
  }

  @Put('rooms/:token/rules/:kind')
  @Needs('admin', 'room')
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Replace rules of a room' })
  @Answers(200, 'The rules as they are now', rules)
  @Refuses({ 412: 'Somebody else has changed them', 428: 'If-Match is missing' })
  changeRoom(
    @Asker() principal: Principal,
    @InRoom() { room }: RoomAccess,
    @PathOf('kind', ruleKind, 'filters or automod') kind: RuleKind,
    @JsonBody(rules) wanted: Rules,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Rules> {
    return this.write(principal, room.token, { kind, wanted, request, reply });
  }

  @Post('rooms/:token/rules/preview')
  @Needs('viewer', 'room')
  @ApiOperation({
    summary: 'What rules of the room would do to its latest messages; changes nothing',
    description: "The server's rules count too, where these leave something open.",
  })
  @Answers(200, 'Those that the rules object to, oldest first', preview)
  async preview(
    @InRoom() access: RoomAccess,
    @JsonBody(previewInput) { filters, automod, messages }: z.infer<typeof previewInput>,
  ): Promise<z.infer<typeof preview>> {
    if (!filters && !automod) throw new ProblemError('invalid', 'Send filters, automod, or both');
    const { items, judged } = await this.previews.preview(access, { filters, automod }, messages);
    const shown = items.map(({ text, ...item }) => ({ ...item, ...(text !== undefined && { text }) }));
    return { items: shown, judged, caught: items.length };
  }

  private async read(token: RoomToken | undefined, kind: RuleKind, reply: AdminReply): Promise<Rules> {
    const stored = await this.rules.stored(token);
    this.etags.put(reply, stored[kind]);
    return stored[kind] as Rules;
  }

  private async write(
    { actor }: Principal,
    token: RoomToken | undefined,
    { kind, wanted, request, reply }: Wish,
  ): Promise<Rules> {
    const match = this.etags.demand(request);
    await this.rules.change(actor, token, kind, (stored) => {
      this.etags.check(match, stored);
      return wanted;
    });
    return this.read(token, kind, reply);
  }
}

interface Wish {
  kind: RuleKind;
  wanted: Rules;
  request: AdminRequest;
  reply: AdminReply;
}
