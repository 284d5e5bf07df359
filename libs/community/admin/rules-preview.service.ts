import { Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { LocalEventWindows } from '../../coordination/local-event-windows.js';
import { verdictOf, type Automod, type AutomodFacts, type AutomodFinding } from '../../moderation/automod.js';
import type { SessionId } from '../../protocol/ids.js';
import type { Clock } from '../../protocol/clock.js';
import { StandingRepository } from '../../storage/standing.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import { ModerationRulesService, type RoomRules } from '../moderation-rules.service.js';
import { ModeratorsService } from '../moderators.service.js';
import type { RoomAccess } from '../room-access.js';
import { AdminMessagesService, type ReadMessage } from './admin-messages.service.js';

/** What would have happened to a message: `pass` if rules object, but only record it. */
export type PreviewOutcome = 'reject' | 'hide' | 'delete' | 'pass';

export interface PreviewedMessage {
  messageId: number;
  sessionId: SessionId;
  text: string | undefined;
  outcome: PreviewOutcome;
  reasons: string[];
}

export interface RulesPreview {
  /** Those that the rules object to, oldest first. */
  items: PreviewedMessage[];
  judged: number;
}

/** More posts than that make nobody less new. */
const POSTS_COUNTED_MAX = 10_000;

/** Stands where the message that is judged stands. */
interface Moment extends Clock {
  now: number;
}

/** What rules would do to messages that are there, before anybody is held to them. Changes and counts nothing. */
@Injectable()
export class RulesPreviewService {
  constructor(
    private readonly rules: ModerationRulesService,
    private readonly messages: AdminMessagesService,
    private readonly moderators: ModeratorsService,
    private readonly standing: StandingRepository,
  ) {}

  /**
   * Judges the latest messages in the order in which they came, so that floods and copies are seen. How long somebody
   * was here counts from then; how much they posted, as of now. Throws what the rules' parsers throw.
   */
  async preview(
    access: RoomAccess,
    rules: { filters?: unknown; automod?: unknown },
    limit: number,
  ): Promise<RulesPreview> {
    const { room } = access;
    const tried = await this.rules.tryOut(room, rules);
    const { messages } = await this.messages.search(access, { limit });
    const exempt = await this.moderatorIds(room);
    const moment: Moment = { now: 0, nowSeconds: () => moment.now };
    const windows = new LocalEventWindows({ clock: moment });
    const posts = new Map<number, Promise<number>>();
    const items: PreviewedMessage[] = [];
    for (const read of messages.reverse()) {
      const { message } = read;
      moment.now = message.postedAt;
      const facts = this.factsAbout(read, room, { windows, posts });
      const judged = await judge(read, { room, tried, isModerator: exempt.has(message.sessionId), facts });
      if (judged) items.push(judged);
      await setImmediate(); // others are served between two of so many
    }
    return { items, judged: messages.length };
  }

  private async moderatorIds(room: RoomRecord): Promise<Set<SessionId>> {
    const [global, own] = await Promise.all([
      this.moderators.globalModerators(),
      this.moderators.roomModerators([room.id]),
    ]);
    return new Set([...global, ...own].map(({ sessionId }) => sessionId));
  }

  private factsAbout(
    { message }: ReadMessage,
    room: RoomRecord,
    seen: { windows: LocalEventWindows; posts: Map<number, Promise<number>> },
  ): AutomodFacts {
    const { authorId } = message;
    return {
      standing: async () => {
        const known = seen.posts.get(authorId) ?? this.postsOf(authorId, room.id);
        seen.posts.set(authorId, known);
        return { ageSeconds: Math.max(0, message.postedAt - message.authorSince), posts: await known };
      },
      record: (window, member, seconds, eventsMax) => seen.windows.record(window, member, seconds, eventsMax),
    };
  }

  private async postsOf(authorId: number, roomId: number): Promise<number> {
    return (await this.standing.of(authorId, { roomId, postsMax: POSTS_COUNTED_MAX })).posts;
  }
}

interface Trial {
  room: RoomRecord;
  tried: Partial<RoomRules>;
  isModerator: boolean;
  facts: AutomodFacts;
}

async function judge(
  read: ReadMessage,
  { room, tried, isModerator, facts }: Trial,
): Promise<PreviewedMessage | undefined> {
  const { message, content } = read;
  const { sessionId, data } = message;
  const about = { messageId: message.id, sessionId, text: content?.body };
  const verdict = tried.filter?.check({ data, isModerator, sessionId, room });
  const filtered = verdict && !verdict.pass ? verdict : undefined;
  if (filtered && !filtered.silent)
    return { ...about, outcome: 'reject', reasons: [filtered.alphabet ?? filtered.type] };
  const findings =
    tried.automod && !isModerator ? await judgeByAutomod(tried.automod, read, room, facts) : [];
  if (!filtered && findings.length === 0) return undefined;
  const { action } = verdictOf(findings);
  const reasons = [
    ...(filtered ? [filtered.alphabet ?? filtered.type] : []),
    ...findings.map(({ rule, dryRun }) => (dryRun ? `${rule} (only recorded)` : rule)),
  ];
  const isDeleted = action === 'delete';
  return { ...about, outcome: isDeleted ? 'delete' : filtered ? 'hide' : (action ?? 'pass'), reasons };
}

const judgeByAutomod = (
  automod: Automod,
  { message, files }: ReadMessage,
  room: RoomRecord,
  facts: AutomodFacts,
): Promise<AutomodFinding[]> =>
  automod.judge({ data: message.data, room, author: { id: message.authorId }, files }, facts);
