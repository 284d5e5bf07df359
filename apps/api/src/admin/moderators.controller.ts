import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService } from '../../../../libs/community/admin/principals.service.js';
import { ModeratorsService } from '../../../../libs/community/moderators.service.js';
import { AdminController } from './admin-controller.js';
import { Answers } from './answers.js';
import { QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { roomToken, sessionId } from './schemas/parts.schema.js';

const moderatorQuery = z.object({ room: roomToken.optional() });
const moderatorResource = z.object({
  sessionId,
  room: z.string().optional().describe('Absent: the whole server'),
  role: z.enum(['moderator', 'admin']),
  isVisible: z.boolean().describe('Whether everybody sees it'),
});
const moderatorList = z.object({ items: z.array(moderatorResource) });

@AdminController('moderators', 'people')
export class ModeratorsController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly moderators: ModeratorsService,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'Who moderates the server and your rooms, or one of them; changed through users' })
  @Answers(200, 'Moderators and admins', moderatorList)
  async list(
    @Asker() principal: Principal,
    @QueryOf(moderatorQuery) { room }: z.infer<typeof moderatorQuery>,
  ): Promise<z.infer<typeof moderatorList>> {
    const accesses =
      room === undefined
        ? await this.principals.visibleRooms(principal)
        : [await this.principals.room(principal, room, 'viewer')];
    const tokens = new Map(accesses.map((access) => [access.room.id, access.room.token]));
    const [global, own] = await Promise.all([
      this.moderators.globalModerators(),
      this.moderators.roomModerators([...tokens.keys()]),
    ]);
    const show = (one: { sessionId: string; admin: boolean; visible: boolean }, where: object) => ({
      sessionId: one.sessionId,
      ...where,
      role: one.admin ? ('admin' as const) : ('moderator' as const),
      isVisible: one.visible,
    });
    const ofRooms = own.map((one) => show(one, { room: tokens.get(one.roomId)! }));
    return { items: [...global.map((one) => show(one, {})), ...ofRooms] };
  }
}
