import { Delete, Post, Put } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { AnnouncementsService } from '../../../../libs/community/announcements.service.js';
import { PinsService } from '../../../../libs/community/pins.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing } from './answers.js';
import { JsonBody, PathOf } from './input.js';
import { Asker, InRoom, Needs } from './needs.js';
import { noSuch } from './problem.js';
import { rowId, text } from './schemas/parts.schema.js';

const TEXT_MAX = 2_000;

const announcement = z.strictObject({
  text: text.trim().min(1).max(TEXT_MAX),
  pin: z.boolean().optional(),
});
const announced = z.object({ messageId: z.int() });

/** What everybody in a room is to see. */
@AdminController('rooms/:token', 'messages')
export class AnnouncementsController {
  constructor(
    private readonly announcements: AnnouncementsService,
    private readonly pins: PinsService,
  ) {}

  @Post('announcements')
  @Needs('admin', 'room')
  @Repeatable()
  @ApiOperation({ summary: 'Post a message as the server itself' })
  @Answers(201, 'Its id', announced)
  async announce(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @JsonBody(announcement) wish: z.infer<typeof announcement>,
  ): Promise<z.infer<typeof announced>> {
    return { messageId: await this.announcements.announce(actor, access, wish) };
  }

  @Put('messages/:id/pin')
  @Needs('admin', 'room')
  @ApiOperation({ summary: 'Pin a message' })
  @AnswersNothing('It is pinned')
  async pin(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @PathOf('id', rowId, 'Id of the message') id: number,
  ): Promise<void> {
    await this.pins.pin(actor, access, id);
  }

  @Delete('messages/:id/pin')
  @Needs('admin', 'room')
  @ApiOperation({ summary: 'Unpin a message' })
  @AnswersNothing('It is not pinned any more')
  async unpin(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @PathOf('id', rowId, 'Id of the message') id: number,
  ): Promise<void> {
    if ((await this.pins.unpin(actor, access, id)).unpinned === 0) throw noSuch('pinned message');
  }
}
