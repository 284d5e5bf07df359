import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, toHour } from '../protocol/clock.js';
import { RoomActivityRepository, type RoomVisit } from '../storage/room-activity.repository.js';
import { UsersRepository } from '../storage/users.repository.js';
import { HourlyNotes } from './hourly-notes.js';
import { RaidsService } from './raids.service.js';

const FLUSH_EVERY_MS = 5_000;
const PENDING_MAX = 50_000;
const REMEMBERED_MAX = 200_000;
/** No room has this id. */
const ANYWHERE = 0;

/**
 * Collects who was here, and in which room, and writes it in bulk every few seconds. Of each user (and each visit)
 * one write an hour is enough, since only the hour is kept. A crash loses the last seconds, which is fine.
 */
@Injectable()
export class ActivityRecorder implements OnApplicationShutdown {
  private readonly log = new Logger('activity');
  private users = new Map<number, number>();
  private visits = new Map<string, RoomVisit>();
  /** What was written this hour already. */
  private readonly written = new HourlyNotes(REMEMBERED_MAX);
  private readonly timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);

  constructor(
    private readonly userRepository: UsersRepository,
    private readonly visitRepository: RoomActivityRepository,
    private readonly raids: RaidsService,
    private readonly clock: Clock,
  ) {
    this.timer.unref();
  }

  /** An authenticated request. */
  seen(userId: number): void {
    const hour = toHour(this.clock.nowSeconds());
    if (this.written.has(hour, ANYWHERE, userId) || this.users.size >= PENDING_MAX) return;
    this.users.set(userId, hour);
  }

  /** Reading in a room counts as being active there (protocol.md §4.1). */
  visited(roomId: number, userId: number): void {
    const at = toHour(this.clock.nowSeconds());
    if (this.written.has(at, roomId, userId) || this.visits.size >= PENDING_MAX) return;
    this.visits.set(`${roomId}/${userId}`, { roomId, userId, at });
  }

  /** After a ban, of which no visit is left: those after its end are to be written again. `roomId` null: everywhere. */
  forgetVisits(userId: number, roomId: number | null): void {
    this.written.forget(userId, roomId ?? undefined);
    for (const [key, visit] of this.visits)
      if (visit.userId === userId && (roomId === null || visit.roomId === roomId)) this.visits.delete(key);
  }

  /** Writes what was collected. What cannot be written is dropped: the next request of that user brings it again. */
  async flush(): Promise<void> {
    const [users, visits] = [this.users, this.visits];
    this.users = new Map();
    this.visits = new Map();
    // Noted before it is written: a ban meanwhile takes the note back, see forgetVisits.
    for (const [userId, hour] of users) this.written.add(hour, ANYWHERE, userId);
    for (const { at, roomId, userId } of visits.values()) this.written.add(at, roomId, userId);
    try {
      if (users.size > 0) await this.userRepository.touchLastActive(users);
      if (visits.size > 0) await this.recordVisits([...visits.values()]);
    } catch (error) {
      for (const userId of users.keys()) this.written.forget(userId, ANYWHERE);
      for (const { roomId, userId } of visits.values()) this.written.forget(userId, roomId);
      this.log.warn(`activity of the last seconds was not recorded: ${(error as Error).message}`);
    }
  }

  private async recordVisits(visits: readonly RoomVisit[]): Promise<void> {
    const first = await this.visitRepository.record(visits);
    if (first.length > 0) await this.raids.joined(first);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }
}
