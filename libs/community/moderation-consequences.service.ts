import { Injectable, Logger } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import type { FilterVerdict } from '../moderation/filters.js';
import { Database } from '../storage/database.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import type { RoomAccess } from './room-access.js';
import { ServerIdentity } from './server-identity.js';
import { ServerVoiceService } from './server-voice.service.js';

/** A message that a filter or a rule objects to. */
export interface JudgedCase {
  author: Identity;
  access: RoomAccess;
  kind: 'post' | 'edit';
  filter?: Extract<FilterVerdict, { pass: false }>;
}

/** What follows from a judgement besides the answer to the author. One part that fails does not stop the others. */
@Injectable()
export class ModerationConsequencesService {
  private readonly failures = new Logger('moderation');
  private readonly actor: Actor;

  constructor(
    private readonly database: Database,
    private readonly log: ModerationLogService,
    private readonly voice: ServerVoiceService,
    server: ServerIdentity,
  ) {
    this.actor = { userId: server.userId, via: 'filter' };
  }

  /** `messageId` when the message was stored. Never throws. */
  async carryOut(judged: JudgedCase, messageId: number | undefined): Promise<void> {
    await this.attempt('the log entry', () => this.record(judged, messageId));
    await this.attempt('the reply', () => this.reply(judged));
  }

  private async record(
    { author, access, kind, filter }: JudgedCase,
    messageId: number | undefined,
  ): Promise<void> {
    if (!filter) return;
    const entry = {
      action: filter.silent ? 'message.hide' : 'message.reject',
      targetId: author.user.id,
      room: access.room,
      messageId,
      detail: { filter: filter.alphabet ?? filter.type, ...(kind === 'edit' && { edit: true }) },
    };
    await this.database.transaction((tx) => this.log.record(tx, this.actor, entry));
  }

  private async reply({ author, access, filter }: JudgedCase): Promise<void> {
    const reply = filter?.reply;
    if (!reply) return;
    await this.voice.say(access.room.id, reply, reply.public ? {} : { toUserId: author.user.id });
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.error(`${what} failed: ${(error as Error).message}`, (error as Error).stack);
    }
  }
}
