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
    const isDeleted = action === 'delete' && kind === 'post';
    const deletes = isDeleted ? { waves: this.wavesOf(findings, author, access, content) } : undefined;
    const judged: JudgedCase = {
      author,
      access,
      kind,
      filtered,
      findings,
      muteSeconds,
      banSeconds,
      deletes,
    };
    const refused = isHidden ? undefined : isRejected ? filtered.type : action && rule;
    return {
      isHidden,
      refusal: refused === undefined ? undefined : filterRejected(refused),
      carryOut: (messageId) => this.consequences.carryOut(judged, messageId),
    };
  }

  /** What rules that delete want gone besides the message itself: its copies, or the flood that it is part of. */
  private wavesOf(
    findings: readonly AutomodFinding[],
    author: Identity,
    { room }: RoomAccess,
    { data, sha256s = [] }: JudgedContent,
  ): Wave[] {
    const now = this.clock.nowSeconds();
    return findings
      .filter(({ action, dryRun }) => action === 'delete' && !dryRun)
      .flatMap(({ rule, detail }): Wave[] => {
        const wave = { roomId: room.id, since: now - Number(detail['seconds']), rule };
        if (rule === 'flood') return [{ ...wave, authorId: author.user.id }];
        if (rule !== 'duplicates') return [];
        if (detail['what'] === 'file') return [{ ...wave, files: [...sha256s] }];
        const fingerprint = fingerprintOf(readContent(data)?.body ?? '');
        return fingerprint === undefined ? [] : [{ ...wave, fingerprint }];
      });
  }
}
