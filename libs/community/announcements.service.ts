import { Injectable } from '@nestjs/common';
import { notFound } from '../protocol/errors.js';
import { Database } from '../storage/database.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PinsService } from './pins.service.js';
import type { RoomAccess } from './room-access.js';
import { ServerVoiceService } from './server-voice.service.js';

/** Under which name the server announces. */
const PROFILE_NAME = 'Announcement';

/** Messages to everybody in a room, by the server itself. */
@Injectable()
export class AnnouncementsService {
  constructor(
    private readonly database: Database,
    private readonly voice: ServerVoiceService,
    private readonly pins: PinsService,
    private readonly moderationLog: ModerationLogService,
  ) {}

  /** Returns the message's id. Throws 404 when the room is gone. */
  async announce(
    actor: Actor,
    access: RoomAccess,
    { text, pin = false }: { text: string; pin?: boolean | undefined },
  ): Promise<number> {
    const { room } = access;
    const messageId = await this.voice.say(room.id, { profileName: PROFILE_NAME, text }, {});
    if (messageId === undefined) throw notFound();
    await this.database.transaction((tx) =>
      this.moderationLog.record(tx, actor, { action: 'message.announce', room, messageId }),
    );
    if (pin) await this.pins.pin(actor, access, messageId);
    return messageId;
  }
}
