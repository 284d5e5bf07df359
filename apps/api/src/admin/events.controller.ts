import { Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces } from '@nestjs/swagger';
import { z } from 'zod';
import { PrincipalsService } from '../../../../libs/community/admin/principals.service.js';
import { AdminController } from './admin-controller.js';
import { EventStreams } from './event-streams.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { QueryOf } from './input.js';
import { Needs } from './needs.js';
import { roomToken } from './schemas/parts.schema.js';

const eventQuery = z.object({
  room: roomToken.optional().describe('Only messages and changes of this room'),
});

@AdminController('events', 'events')
export class EventsController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'Server-sent events: that something changed, and where',
    description:
      '`messages` {room, seqno}, `room` {room}, `rooms`, `bans`, `rules`, `jobs`, `log` {id}. The stream ends by itself after half an hour: ask again.',
  })
  async listen(
    @Req() { asked }: AdminRequest,
    @QueryOf(eventQuery) { room }: z.infer<typeof eventQuery>,
    @Res() reply: AdminReply,
  ): Promise<void> {
    const access =
      room === undefined ? undefined : await this.principals.room(asked!.principal, room, 'viewer');
    this.streams.start(reply, asked!, access?.room.id);
  }
}
