import { Delete, Get, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import {
  AdminTokensService,
  TOKEN_NAME_LENGTH_MAX,
  TOKEN_ROOMS_MAX,
  type AdminTokenRecord,
} from '../../../../libs/community/admin/admin-tokens.service.js';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { AdminController } from './admin-controller.js';
import { Answers, AnswersNothing, Refuses } from './answers.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { idPlace, pageFrom, pageOf, pageQuery, readCursor, type Page } from './paging.js';
import { noSuch, ProblemError } from './problem.js';
import { adminRole, roomToken, rowId, text, time, timeInput } from './schemas/parts.schema.js';
import { isoTime } from '../../../../libs/protocol/clock.js';

const tokenResource = z.object({
  id: z.string(),
  beginning: z.string().describe('The part of the token that may be shown'),
  name: z.string(),
  role: adminRole,
  rooms: z.array(z.string()).optional().describe('Absent: everywhere'),
  createdAt: time('When it was made'),
  expiresAt: time('When it ends').optional(),
  lastUsedAt: time('To the minute').optional(),
  revokedAt: time('When it was made worthless').optional(),
});
const madeToken = tokenResource.extend({ token: z.string().describe('Shown this once') });
const newToken = z.strictObject({
  name: text.trim().min(1).max(TOKEN_NAME_LENGTH_MAX),
  role: adminRole,
  rooms: z.array(roomToken).min(1).max(TOKEN_ROOMS_MAX).optional().describe('Absent: everywhere'),
  expiresAt: timeInput.optional(),
});

/** Secrets are shown once, so these writes are not repeatable: a kept answer would hold one. */
@AdminController('tokens', 'tokens')
export class TokensController {
  constructor(private readonly tokens: AdminTokensService) {}

  @Get()
  @Needs('admin', 'everywhere')
  @ApiOperation({ summary: 'Tokens, newest first; revoked and expired ones too' })
  @Answers(200, 'Tokens', pageOf(tokenResource))
  async list(
    @QueryOf(pageQuery) { limit, cursor }: z.infer<typeof pageQuery>,
  ): Promise<Page<z.infer<typeof tokenResource>>> {
    const rows = await this.tokens.list({ beforeId: readCursor(idPlace, cursor)?.id, limit: limit + 1 });
    return pageFrom(rows, limit, { show: showToken, placeOf: ({ id }) => ({ id }) });
  }

  @Post()
  @Needs('admin', 'everywhere')
  @ApiOperation({ summary: 'Make a token' })
  @Answers(201, 'The token; nobody sees it again', madeToken)
  @Refuses({ 409: 'A token that works has this name' })
  async create(
    @Asker() { actor }: Principal,
    @JsonBody(newToken) wish: z.infer<typeof newToken>,
  ): Promise<z.infer<typeof madeToken>> {
    const made = await this.tokens.create(actor, wish);
    if (!made) throw new ProblemError('conflict', `There is a token "${wish.name}" already`);
    return { token: made.token, ...showToken(made.record) };
  }

  @Delete(':id')
  @Needs('admin', 'everywhere')
  @ApiOperation({ summary: 'Make a token worthless from this moment on' })
  @AnswersNothing('It is revoked')
  async revoke(
    @Asker() { actor }: Principal,
    @PathOf('id', rowId, 'Id of the token') id: number,
  ): Promise<void> {
    if (!(await this.tokens.revoke(actor, id))) throw noSuch('token');
  }
}

const showToken = (token: AdminTokenRecord): z.infer<typeof tokenResource> => ({
  id: String(token.id),
  beginning: `plz_${token.publicId}_`,
  name: token.name,
  role: token.role,
  ...(!token.everywhere && { rooms: token.rooms.map((room) => room.token) }),
  createdAt: isoTime(token.createdAt),
  ...(token.expiresAt !== null && { expiresAt: isoTime(token.expiresAt) }),
  ...(token.lastUsedAt !== null && { lastUsedAt: isoTime(token.lastUsedAt) }),
  ...(token.revokedAt !== null && { revokedAt: isoTime(token.revokedAt) }),
});
