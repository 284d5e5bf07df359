import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { EventWindows } from '../coordination/event-windows.js';
import {
  isNewcomer,
  type Automod,
  type AutomodFacts,
  type AutomodFinding,
  type Standing,
} from '../moderation/automod.js';
import { Clock } from '../protocol/clock.js';
import { FilesRepository, type AttachableFile } from '../storage/files.repository.js';
import type { RoomRecord } from '../storage/rooms.repository.js';
import { StandingRepository } from '../storage/standing.repository.js';

/** A message that somebody wants to post or edit. */
export interface JudgedContent {
  /** Without its padding. */
  data: Buffer;
  /** Uploads that it names, whosesoever they are. */
  fileIds: readonly number[];
  /** Of those that it may take, in hex; set by {@link AutomodService.judge} when a rule looked at them. */
  sha256s?: readonly string[];
}

/** More posts than that make nobody less new. */
const POSTS_COUNTED_MAX = 10_000;

/** Gives automod the facts that it asks for. */
@Injectable()
export class AutomodService {
  constructor(
    private readonly files: FilesRepository,
    private readonly standing: StandingRepository,
    private readonly windows: EventWindows,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** What the rules of the room object to, strongest first. Moderators' posts are not for it to see. */
  async judge(
    automod: Automod,
    { user }: Identity,
    room: RoomRecord,
    content: JudgedContent,
    kind: 'post' | 'edit',
  ): Promise<AutomodFinding[]> {
    if (!automod.needs.posts) return [];
    const facts = this.factsAbout(user.id, room.id);
    if (await this.isClosedTo(automod, room, facts)) return [closedFinding(automod, room)];
    const files = automod.needs.files ? await this.filesOf(user.id, room.id, content.fileIds) : [];
    content.sha256s = files.flatMap(({ sha256 }) => sha256?.toString('hex') ?? []);
    const post = { data: content.data, room, author: user, files, isEdit: kind === 'edit' };
    return automod.judge(post, facts);
  }

  /** About one user in one room; the standing is looked up when it is first asked for. */
  factsAbout(userId: number, roomId: number): AutomodFacts {
    let standing: Promise<Standing> | undefined;
    return {
      standing: () => (standing ??= this.standingOf(userId, roomId)),
      record: (window, member, seconds, eventsMax) =>
        this.windows.record(`automod/${window}`, member, seconds, eventsMax),
    };
  }

  /** A room that is raided is closed to newcomers, whatever they want to say. */
  private async isClosedTo(automod: Automod, room: RoomRecord, facts: AutomodFacts): Promise<boolean> {
    const { raid } = automod.rules;
    if (!raid || room.raidLockedUntil === null || room.raidLockedUntil <= this.clock.nowSeconds())
      return false;
    return isNewcomer(await facts.standing(), raid);
  }

  private async standingOf(userId: number, roomId: number): Promise<Standing> {
    const { createdAt, posts } = await this.standing.of(userId, { roomId, postsMax: POSTS_COUNTED_MAX });
    return { ageSeconds: this.clock.nowSeconds() - createdAt, posts };
  }

  private async filesOf(
    uploaderId: number,
    roomId: number,
    ids: readonly number[],
  ): Promise<AttachableFile[]> {
    if (ids.length === 0) return [];
    const now = this.clock.nowSeconds();
    const uploadedAfter = now - this.config.lifetimes.unattachedFileSeconds;
    return this.files.attachable(ids, { roomId, uploaderId }, { now, uploadedAfter });
  }
}

const closedFinding = (automod: Automod, room: RoomRecord): AutomodFinding => ({
  rule: 'raid',
  action: automod.rules.raid?.action ?? 'reject',
  notify: false,
  dryRun: false,
  detail: { closedUntil: room.raidLockedUntil! },
});
