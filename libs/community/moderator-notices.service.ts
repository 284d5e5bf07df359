import { Injectable } from '@nestjs/common';
import { EventWindows } from '../coordination/event-windows.js';
import { ServerVoiceService } from './server-voice.service.js';

/** Under which name automod writes; a message's author is made from it. */
const PROFILE_NAME = 'Automod';
/** Whispers are read by people: in a spam wave, one in a while says enough. The moderation log has all of it. */
const NOTICES_PER_WINDOW_MAX = 3;
const WINDOW_SECONDS = 300;

/** Tells the moderators of a room, by whisper. */
@Injectable()
export class ModeratorNoticesService {
  constructor(
    private readonly voice: ServerVoiceService,
    private readonly windows: EventWindows,
  ) {}

  /** Nothing is said when enough was said lately. */
  async tell(roomId: number, text: string): Promise<void> {
    const key = `notices/${roomId}`;
    const told = await this.windows.count(key, WINDOW_SECONDS, NOTICES_PER_WINDOW_MAX);
    if (told > NOTICES_PER_WINDOW_MAX) return;
    const last = told === NOTICES_PER_WINDOW_MAX;
    const more = last ? ' (More of this is in the moderation log; no more whispers for a few minutes.)' : '';
    await this.voice.say(roomId, { profileName: PROFILE_NAME, text: text + more }, { moderators: true });
  }
}
