import { Injectable, Logger } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { EventWindows } from '../coordination/event-windows.js';
import { JobProducer } from '../jobs/job-producer.js';
import type { AutomodFinding } from '../moderation/automod.js';
import type { FilterVerdict } from '../moderation/filters.js';
import { Database } from '../storage/database.js';
import type { Actor } from './actor.js';
import { BansService } from './bans.service.js';
import { ModerationLogService, type LoggedAction } from './moderation-log.service.js';
import { ModeratorNoticesService } from './moderator-notices.service.js';
import { PermissionsService } from './permissions.service.js';
import type { RoomAccess } from './room-access.js';
import { RaidsService } from './raids.service.js';
import { ServerIdentity } from './server-identity.js';
import { ServerVoiceService } from './server-voice.service.js';
import { WaveCleanupService, type Wave } from './wave-cleanup.service.js';

/** A message that a filter or rules object to. */
export interface JudgedCase {
  author: Identity;
  access: RoomAccess;
  kind: 'post' | 'edit';
  filtered: Extract<FilterVerdict, { pass: false }> | undefined;
  /** Of automod, those that are only tried out too. */
  findings: readonly AutomodFinding[];
  /** What the findings sanction the author with. */
  muteSeconds: number | undefined;
  /** 0: for ever. */
  banSeconds: number | undefined;
  /** Undefined unless a rule deletes: then this message goes, and what is visible of the waves that it belongs to. */
  deletes: { waves: readonly Wave[] } | undefined;
}

/** One author can try as often as they like: of what follows, this much a minute is enough. */
const ENTRIES_PER_MINUTE_MAX = 20;
const REPLIES_PER_MINUTE_MAX = 3;
const MINUTE_SECONDS = 60;
const WHAT_HAPPENED = { hide: 'hidden', reject: 'rejected', delete: 'deleted' } as const;

/** What follows from a judgement besides the answer to the author. One part that fails does not stop the others. */
@Injectable()
export class ModerationConsequencesService {
  private readonly failures = new Logger('moderation');

  constructor(
    private readonly database: Database,
    private readonly log: ModerationLogService,
    private readonly voice: ServerVoiceService,
    private readonly notices: ModeratorNoticesService,
    private readonly permissions: PermissionsService,
    private readonly bans: BansService,
    private readonly cleanup: WaveCleanupService,
    private readonly jobs: JobProducer,
    private readonly raids: RaidsService,
    private readonly windows: EventWindows,
    private readonly server: ServerIdentity,
  ) {}

  /** `messageId` when the message was stored. Never throws. */
  async carryOut(judged: JudgedCase, messageId: number | undefined): Promise<void> {
    await this.attempt('a log entry', () => this.record(judged, messageId));
    await this.attempt('a reply', () => this.reply(judged));
    await this.attempt('a sanction', () => this.sanction(judged));
    await this.attempt('a notice', () => this.notify(judged));
    await this.attempt('closing the room', () => this.close(judged));
    await this.attempt('deleting', () => this.delete(judged, messageId));
  }

  private async record(judged: JudgedCase, messageId: number | undefined): Promise<void> {
    const { author, access, kind, filtered, findings } = judged;
    const key = `log/${access.room.id}/${author.user.id}`;
    if (await this.isTooMuch(key, ENTRIES_PER_MINUTE_MAX)) return;
    const edit = kind === 'edit' && { edit: true };
    const about = { targetId: author.user.id, room: access.room, messageId };
    const entries: LoggedAction[] = [];
    if (filtered)
      entries.push({
        ...about,
        action: filtered.silent ? 'message.hide' : 'message.reject',
        detail: { filter: filtered.alphabet ?? filtered.type, ...edit },
      });
    for (const { rule, action, dryRun, detail } of findings)
      entries.push({
        ...about,
        action: `message.${action}`,
        detail: { rule, ...detail, ...(dryRun && { dryRun }), ...edit },
      });
    await this.database.transaction(async (tx) => {
      for (const entry of entries) await this.log.record(tx, this.actor(), entry);
    });
  }

  private async reply({ author, access, filtered }: JudgedCase): Promise<void> {
    const reply = filtered?.reply;
    const key = `replies/${access.room.id}/${author.user.id}`;
    if (!reply || (await this.isTooMuch(key, REPLIES_PER_MINUTE_MAX))) return;
    await this.voice.say(access.room.id, reply, reply.public ? {} : { toUserId: author.user.id });
  }

  private async sanction({ author, access, findings, muteSeconds, banSeconds }: JudgedCase): Promise<void> {
    const reason = `automod: ${findings
      .filter(({ dryRun }) => !dryRun)
      .map(({ rule }) => rule)
      .join(', ')}`;
    const actor = this.actor(reason);
    const { id, sessionId } = author.user;
    if (muteSeconds !== undefined) await this.permissions.mute(actor, access, id, muteSeconds);
    if (banSeconds !== undefined) await this.bans.banInRooms(actor, [access], sessionId, banSeconds);
  }

  private async notify({ author, access, findings }: JudgedCase): Promise<void> {
    const told = findings.filter(({ notify, dryRun }) => notify && !dryRun);
    const [first] = told;
    if (!first) return;
    const rules = told.map(({ rule }) => rule).join(', ');
    await this.notices.tell(
      access.room.id,
      `A message by @${author.user.sessionId} was ${WHAT_HAPPENED[first.action]} (${rules}).`,
    );
  }

  /** A raid: the room is closed to newcomers (unless it is already, which is what the finding may say). */
  private async close({ access: { room }, findings }: JudgedCase): Promise<void> {
    const raid = findings.find(({ rule, detail }) => rule === 'raid' && detail['lockSeconds'] !== undefined);
    if (raid) await this.raids.close(room, raid, 'posts');
  }

  /** What nobody has seen at once, what is visible of a wave in a job. */
  private async delete({ access, deletes }: JudgedCase, messageId: number | undefined): Promise<void> {
    if (!deletes) return;
    if (messageId !== undefined) await this.cleanup.deleteHidden(access.room, messageId);
    for (const wave of deletes.waves)
      await this.jobs.add('delete-wave', wave, { once: `wave/${JSON.stringify({ ...wave, since: 0 })}` });
  }

  private async isTooMuch(key: string, max: number): Promise<boolean> {
    return (await this.windows.count(key, MINUTE_SECONDS, max)) > max;
  }

  private actor(reason?: string): Actor {
    return { userId: this.server.userId, via: 'filter', reason };
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.error(`${what} failed: ${(error as Error).message}`, (error as Error).stack);
    }
  }
}
