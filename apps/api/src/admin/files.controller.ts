import { Delete, Get, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import {
  RoomFilesService,
  type RoomFileRecord,
} from '../../../../libs/community/admin/room-files.service.js';
import { FileUsageService } from '../../../../libs/community/file-usage.service.js';
import { FilesService } from '../../../../libs/community/files.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { attachmentDisposition } from '../../../../libs/protocol/file-name.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, AnswersBytes, AnswersNothing } from './answers.js';
import type { AdminReply } from './exchange.js';
import { PathOf, QueryOf } from './input.js';
import { Asker, InRoom, Needs } from './needs.js';
import { idPlace, pageFrom, pageOf, pageQuery, readCursor, type Page } from './paging.js';
import { noSuch } from './problem.js';
import { rowId, sessionId, time } from './schemas/parts.schema.js';
import { isoTime } from '../../../../libs/protocol/clock.js';

const UPLOADERS_SHOWN = 50;

const fileResource = z.object({
  id: z.int(),
  name: z.string().optional(),
  size: z.int(),
  contentType: z.string().optional().describe('By the content, where a rule looked at it'),
  uploader: sessionId.optional(),
  messageId: z.int().optional(),
  uploadedAt: time('When it came'),
  expiresAt: time('When it goes; absent: never').optional(),
  isRoomImage: z.boolean(),
});
const sums = { files: z.int(), bytes: z.int() };
const usage = z.object({
  ...sums,
  rooms: z.array(z.object({ room: z.string().optional().describe('Absent: a room that is gone'), ...sums })),
  uploaders: z.array(z.object({ sessionId, ...sums })),
});

@AdminController('', 'files')
export class FilesController {
  constructor(
    private readonly roomFiles: RoomFilesService,
    private readonly files: FilesService,
    private readonly fileUsage: FileUsageService,
  ) {}

  @Get('files/usage')
  @Needs('viewer', 'everywhere')
  @ApiOperation({ summary: 'Who fills the file store: by room, and the largest uploaders' })
  @Answers(200, 'Sums', usage)
  async usage(): Promise<z.infer<typeof usage>> {
    const { files, bytes, rooms, uploaders } = await this.fileUsage.overview(UPLOADERS_SHOWN);
    return {
      files,
      bytes,
      rooms: rooms.map(({ room, ...sum }) => ({ ...(room !== null && { room }), ...sum })),
      uploaders: uploaders.map(({ uploader, ...sum }) => ({ sessionId: uploader, ...sum })),
    };
  }

  @Get('rooms/:token/files')
  @Needs('viewer', 'room')
  @ApiOperation({ summary: 'Uploads of a room, newest first' })
  @Answers(200, 'Files', pageOf(fileResource))
  async list(
    @InRoom() { room }: RoomAccess,
    @QueryOf(pageQuery) { limit, cursor }: z.infer<typeof pageQuery>,
  ): Promise<Page<z.infer<typeof fileResource>>> {
    const beforeId = readCursor(idPlace, cursor)?.id;
    const rows = await this.roomFiles.list(room, { beforeId, limit: limit + 1 });
    return pageFrom(rows, limit, { show: showFile, placeOf: ({ id }) => ({ id }) });
  }

  @Get('rooms/:token/files/:id')
  @Needs('viewer', 'room')
  @ApiOperation({ summary: 'The bytes of a file, to be saved and never shown' })
  @AnswersBytes('The file')
  async download(
    @InRoom() access: RoomAccess,
    @PathOf('id', rowId, 'Id of the file') id: number,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Buffer> {
    const { file, bytes } = await this.files.download(access, id);
    void reply.headers({
      'content-type': 'application/octet-stream',
      'content-disposition': attachmentDisposition(file.filename),
      'content-security-policy': "default-src 'none'; sandbox",
    });
    return bytes;
  }

  @Delete('rooms/:token/files/:id')
  @Needs('moderator', 'room')
  @Repeatable()
  @ApiOperation({ summary: "Delete a file; the room's image is removed with the room's settings" })
  @AnswersNothing('Nobody gets it any more')
  async remove(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @PathOf('id', rowId, 'Id of the file') id: number,
  ): Promise<void> {
    if (!(await this.roomFiles.remove(actor, access, id))) throw noSuch('file');
  }
}

const showFile = (file: RoomFileRecord): z.infer<typeof fileResource> => ({
  id: file.id,
  ...(file.filename !== null && { name: file.filename }),
  size: file.size,
  ...(file.mediaType !== null && { contentType: file.mediaType }),
  ...(file.uploader !== null && { uploader: file.uploader }),
  ...(file.messageId !== null && { messageId: file.messageId }),
  uploadedAt: isoTime(file.uploadedAt),
  ...(file.expiresAt !== null && { expiresAt: isoTime(file.expiresAt) }),
  isRoomImage: file.isRoomImage,
});
