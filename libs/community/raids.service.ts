import { Injectable } from '@nestjs/common';
import { EventWindows } from '../coordination/event-windows.js';
import type { AutomodFinding } from '../moderation/automod.js';
import { Clock } from '../protocol/clock.js';
import { Database } from '../storage/database.js';
import { RoomsRepository, type RoomName } from '../storage/rooms.repository.js';
import type { Actor } from './actor.js';
import { AutomodService } from './automod.service.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import { ModeratorNoticesService } from './moderator-notices.service.js';
import { ServerIdentity } from './server-identity.js';

const MINUTE_SECONDS = 60;

/** What too many of came at once. */
export type RaidSign = 'joins' | 'posts';

/** Raids: many new people at once. The room is closed to newcomers for a while, and opens again by itself. */
@Injectable()
export class RaidsService {
  constructor(
    private readonly database: Database,
    private readonly rooms: RoomsRepository,
    private readonly rules: ModerationRulesService,
    private readonly automod: AutomodService,
    private readonly windows: EventWindows,
    private readonly log: ModerationLogService,
    private readonly notices: ModeratorNoticesService,
    private readonly server: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /** People who came into a room for the first time; closes rooms into which too many came. */
  async joined(visits: readonly { roomId: number; userId: number }[]): Promise<void> {
    const rooms = await this.rooms.byIds([...new Set(visits.map(({ roomId }) => roomId))]);
    for (const room of rooms) {
      const { automod } = await this.rules.of(room);
      if (!automod.needs.joins) continue;
      const findings: (AutomodFinding | undefined)[] = [];
      for (const { userId } of visits.filter(({ roomId }) => roomId === room.id)) {
        const facts = this.automod.factsAbout(userId, room.id);
        findings.push(await automod.judgeJoin({ room, user: { id: userId } }, facts));
      }
      const found = findings.findLast((finding) => finding !== undefined);
      if (found) await this.close(room, found, 'joins');
    }
  }

  /** Does nothing while the room is closed already. */
  async close(room: RoomName, { detail, dryRun, notify }: AutomodFinding, sign: RaidSign): Promise<void> {
    const lockSeconds = Number(detail['lockSeconds']);
    if (dryRun) return this.recordTry(room, sign);
    if (!(await this.lock(room, lockSeconds, sign)) || !notify) return;
    const text = `Too many ${sign} of newcomers at once: they cannot write here for ${lockSeconds} seconds.`;
    await this.notices.tell(room.id, text);
  }

  /** Of rooms whose time is over; returns how many. */
  async open(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const opened = await this.rooms.openToNewcomers(tx, this.clock.nowSeconds());
      for (const room of opened)
        await this.log.record(tx, this.actor('worker'), { action: 'raid.end', room });
      return opened.length;
    });
  }

  private lock(room: RoomName, lockSeconds: number, sign: RaidSign): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const now = this.clock.nowSeconds();
      const closed = await this.rooms.closeToNewcomers(tx, room.id, { now, until: now + lockSeconds });
      if (!closed) return false;
      const entry = { action: 'raid.begin', room: closed, detail: { sign, lockSeconds } };
      await this.log.record(tx, this.actor('filter'), entry);
      return true;
    });
  }

  /** A raid goes on for a while; of one that is only watched, one entry a minute is enough. */
  private async recordTry(room: RoomName, sign: RaidSign): Promise<void> {
    if ((await this.windows.count(`raid-tries/${room.id}`, MINUTE_SECONDS, 1)) > 1) return;
    const entry = { action: 'raid.begin', room, detail: { sign, dryRun: true } };
    await this.database.transaction((tx) => this.log.record(tx, this.actor('filter'), entry));
  }

  private actor(via: 'filter' | 'worker'): Actor {
    return { userId: this.server.userId, via };
  }
}
