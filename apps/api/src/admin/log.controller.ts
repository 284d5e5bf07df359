import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { roomIdsOf, type Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService } from '../../../../libs/community/admin/principals.service.js';
import { ModerationLogService, type LogRecord } from '../../../../libs/community/moderation-log.service.js';
import { AdminController } from './admin-controller.js';
import { Answers } from './answers.js';
import { QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { idPlace, pageFrom, pageOf, pageQuery, readCursor, type Page } from './paging.js';
import { roomToken, sessionId, sessionIdInput, text, time, timeInput } from './schemas/parts.schema.js';
import { isoTime } from '../../../../libs/protocol/clock.js';

const logQuery = pageQuery.extend({
  room: roomToken.optional(),
  actor: sessionIdInput.optional().describe('Who did it'),
  token: text.max(64).optional().describe('The name of the token that it was done with'),
  target: sessionIdInput.optional().describe('Whom it was done to'),
  action: z
    .string()
    .regex(/^[a-z-]+(\.[a-z-]+)?$/)
    .max(64)
    .optional()
    .describe('message.delete, or message for all that begin with message.'),
  from: timeInput.optional().describe('Not before'),
  to: timeInput.optional().describe('Before'),
});

const logEntry = z.object({
  id: z.int(),
  at: time('When it happened'),
  actor: sessionId.optional(),
  token: z.string().optional().describe('The name of the token that it was done with'),
  via: z.string().describe('protocol, command-line, admin-api, filter or worker'),
  action: z.string().describe('Noun and verb'),
  target: sessionId.optional(),
  room: z.string().optional().describe('Its token, also when it is gone'),
  messageId: z.int().optional(),
  detail: z.record(z.string(), z.unknown()),
});

@AdminController('log', 'log')
export class LogController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly log: ModerationLogService,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'The moderation log, newest first; of your rooms, or of one' })
  @Answers(200, 'Entries', pageOf(logEntry))
  async list(
    @Asker() principal: Principal,
    @QueryOf(logQuery) { limit, cursor, room, from, to, ...rest }: z.infer<typeof logQuery>,
  ): Promise<Page<z.infer<typeof logEntry>>> {
    const here = room === undefined ? undefined : await this.roomIfThere(principal, room);
    const rows = await this.log.list({
      ...rest,
      // Entries of a room outlive it, for those who see everything.
      ...(room !== undefined && !here && { room }),
      roomIds: here === undefined ? roomIdsOf(principal) : [here],
      since: from,
      until: to,
      beforeId: readCursor(idPlace, cursor)?.id,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, { show: showEntry, placeOf: ({ id }) => ({ id }) });
  }

  private async roomIfThere(principal: Principal, room: string): Promise<number | undefined> {
    const asked = this.principals.room(principal, room, 'viewer');
    const found = principal.global === undefined ? await asked : await asked.catch(() => undefined);
    return found?.room.id;
  }
}

function showEntry(entry: LogRecord): z.infer<typeof logEntry> {
  const { id, at, actor, via, action, target, room, messageId } = entry;
  const { token: tokenName, ...detail } = entry.detail;
  return {
    id,
    at: isoTime(at),
    ...(actor !== null && { actor }),
    ...(typeof tokenName === 'string' && { token: tokenName }),
    via,
    action,
    ...(target !== null && { target }),
    ...(room !== null && { room }),
    ...(messageId !== null && { messageId }),
    detail,
  };
}
