import { Delete, Get, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminMessagesService } from '../../../../libs/community/admin/admin-messages.service.js';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { DeletionsService } from '../../../../libs/community/deletions.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing } from './answers.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, InRoom, Needs } from './needs.js';
import { idPlace, readCursor, writeCursor } from './paging.js';
import { noSuch, ProblemError } from './problem.js';
import { deletion, messagePage, messageQuery, showMessage } from './schemas/message.schema.js';
import { rowId } from './schemas/parts.schema.js';

const deleted = z.object({ deleted: z.array(z.int()) });

@AdminController('rooms/:token/messages', 'messages')
export class MessagesController {
  constructor(
    private readonly messages: AdminMessagesService,
    private readonly deletions: DeletionsService,
  ) {}

  @Get()
  @Needs('viewer', 'room')
  @ApiOperation({
    summary: 'Messages, newest first (with `after`: oldest first)',
    description:
      'Hidden messages too, and of whispers those to moderators and your own; nobody reads those between others. A search looks at 5 000 messages at most and answers with what it found; `nextCursor` goes on from there.',
  })
  @Answers(200, 'Messages', messagePage)
  async list(
    @InRoom() access: RoomAccess,
    @QueryOf(messageQuery) query: z.infer<typeof messageQuery>,
  ): Promise<z.infer<typeof messagePage>> {
    const { cursor, before, after, ...search } = query;
    if (before !== undefined && after !== undefined)
      throw new ProblemError('invalid', 'Only one of before and after can be given');
    const id = readCursor(idPlace, cursor)?.id;
    const place = after === undefined ? { before: id ?? before } : { after: id ?? after };
    const { messages, hasMore, scannedUntil } = await this.messages.search(access, { ...search, ...place });
    return {
      items: messages.map(showMessage),
      ...(hasMore && scannedUntil !== undefined && { nextCursor: writeCursor({ id: scannedUntil }) }),
      ...(scannedUntil !== undefined && { scannedUntil }),
    };
  }

  @Delete(':id')
  @Needs('moderator', 'room')
  @Repeatable()
  @ApiOperation({ summary: 'Delete one message' })
  @AnswersNothing('It is deleted')
  async remove(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @PathOf('id', rowId, 'Id of the message') id: number,
  ): Promise<void> {
    if ((await this.deletions.deleteMany(actor, access, [id])).length === 0) throw noSuch('message');
  }

  @Post('delete')
  @Needs('moderator', 'room')
  @Repeatable()
  @ApiOperation({ summary: 'Delete up to 100 messages at once' })
  @Answers(200, 'Ids of those that were there', deleted)
  async removeAll(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @JsonBody(deletion) { ids }: z.infer<typeof deletion>,
  ): Promise<z.infer<typeof deleted>> {
    return { deleted: await this.deletions.deleteMany(actor, access, ids) };
  }
}
