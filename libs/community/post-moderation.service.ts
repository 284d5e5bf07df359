import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { filterRejected, type WireError } from '../protocol/errors.js';
import { ModerationConsequencesService, type JudgedCase } from './moderation-consequences.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import type { RoomAccess } from './room-access.js';

/** A message that somebody wants to post or edit. */
export interface JudgedContent {
  /** Without its padding. */
  data: Buffer;
  /** Uploads that it names, whosesoever they are. */
  fileIds: readonly number[];
}

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

/** Judges messages before they are stored (protocol.md §4.2, "filter 429"; §12). */
@Injectable()
export class PostModerationService {
  constructor(
    private readonly rules: ModerationRulesService,
    private readonly consequences: ModerationConsequencesService,
  ) {}

  async judge(
    author: Identity,
    access: RoomAccess,
    content: JudgedContent,
    kind: 'post' | 'edit',
  ): Promise<Judgement> {
    const { room, moderator: isModerator } = access;
    const { sessionId } = author.user;
    const filter = await this.rules.filterOf(room);
    const found = filter.check({ data: content.data, isModerator, sessionId, room });
    if (found.pass) return FREE;
    const judged: JudgedCase = { author, access, kind, filter: found };
    return {
      isHidden: found.silent,
      refusal: found.silent ? undefined : filterRejected(found.type),
      carryOut: (messageId) => this.consequences.carryOut(judged, messageId),
    };
  }
}
