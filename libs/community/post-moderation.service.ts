import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { filterRejected, type WireError } from '../protocol/errors.js';
import { verdictOf, type AutomodFinding } from '../moderation/automod.js';
import { fingerprintOf } from '../moderation/fingerprint.js';
import { Clock } from '../protocol/clock.js';
import { readContent } from '../protocol/content.js';
import { AutomodService, type JudgedContent } from './automod.service.js';
import { ModerationConsequencesService, type JudgedCase } from './moderation-consequences.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import type { RoomAccess } from './room-access.js';
import type { Wave } from './wave-cleanup.service.js';

/** What the filters and rules of a room say about a message. */
export interface Judgement {
  /** Accepted, but never delivered to anybody: the author sees success. */
  readonly isHidden: boolean;
  /** Why it is not accepted at all. */
  readonly refusal: WireError | undefined;
  /** Log, reply, sanctions; `messageId` when the message was stored. Never throws. */
  carryOut(messageId: number | undefined): Promise<void>;
}

const FREE: Judgement = { isHidden: false, refusal: undefined, carryOut: () => Promise.resolve() };

/** Judges messages before they are stored (protocol.md §4.2, "filter 429"; §12): filters first, then automod. */
@Injectable()
export class PostModerationService {
  constructor(
    private readonly rules: ModerationRulesService,
    private readonly automod: AutomodService,
    private readonly consequences: ModerationConsequencesService,
    private readonly clock: Clock,
  ) {}

  async judge(
    author: Identity,
    access: RoomAccess,
    content: JudgedContent,
    kind: 'post' | 'edit',
  ): Promise<Judgement> {
    const { room, moderator: isModerator } = access;
    const { filter, automod } = await this.rules.of(room);
    const { sessionId } = author.user;
    const verdict = filter.check({ data: content.data, isModerator, sessionId, room });
    const filtered = verdict.pass ? undefined : verdict;
    const isRejected = filtered !== undefined && !filtered.silent;
    const findings =
      isModerator || isRejected ? [] : await this.automod.judge(automod, author, room, content, kind);
    if (!filtered && findings.length === 0) return FREE;
    const { action, rule, muteSeconds, banSeconds } = verdictOf(findings);
    const isHidden = !isRejected && (filtered !== undefined || action === 'hide' || action === 'delete');
    const waves =
      action === 'delete' && kind === 'post' ? this.wavesOf(findings, author, access, content) : [];
    const judged: JudgedCase = { author, access, kind, filtered, findings, muteSeconds, banSeconds, waves };
    const refused = isHidden ? undefined : isRejected ? filtered.type : action && rule;
    return {
      isHidden,
      refusal: refused === undefined ? undefined : filterRejected(refused),
      carryOut: (messageId) => this.consequences.carryOut(judged, messageId),
    };
  }

  /** What rules that delete want gone: the copies, the flood, or else just this message. */
  private wavesOf(
    findings: readonly AutomodFinding[],
    author: Identity,
    { room }: RoomAccess,
    { data, sha256s }: JudgedContent,
  ): Wave[] {
    const now = this.clock.nowSeconds();
    const deleting = findings.filter(({ action, dryRun }) => action === 'delete' && !dryRun);
    return deleting.map(({ rule, detail }): Wave => {
      const isWave = rule === 'flood' || rule === 'duplicates';
      const since = isWave ? now - Number(detail['seconds']) : now;
      const wave = { roomId: room.id, since, rule };
      if (rule !== 'duplicates') return { ...wave, authorId: author.user.id };
      return detail['what'] === 'file'
        ? { ...wave, files: sha256s ?? [] }
        : { ...wave, fingerprint: fingerprintOf(readContent(data)?.body ?? '') };
    });
  }
}
