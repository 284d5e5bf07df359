import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { BoundedCache } from '../protocol/bounded-cache.js';
import { Clock, toHour } from '../protocol/clock.js';
import { RoomActivityRepository, type RoomVisit } from '../storage/room-activity.repository.js';
import { UsersRepository } from '../storage/users.repository.js';
import { RaidsService } from './raids.service.js';

const FLUSH_EVERY_MS = 5_000;
const PENDING_MAX = 50_000;
const REMEMBERED_MAX = 200_000;

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
  private readonly written = new BoundedCache<string, number>(REMEMBERED_MAX);
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
    const key = String(userId);
    if (this.written.get(key) === hour || this.users.size >= PENDING_MAX) return;
    this.users.set(userId, hour);
  }

  /** Reading in a room counts as being active there (protocol.md §4.1). */
  visited(roomId: number, userId: number): void {
    const at = toHour(this.clock.nowSeconds());
    const key = `${roomId}/${userId}`;
    if (this.written.get(key) === at || this.visits.size >= PENDING_MAX) return;
    this.visits.set(key, { roomId, userId, at });
  }

  /** Writes what was collected. What cannot be written is dropped: the next request of that user brings it again. */
  async flush(): Promise<void> {
    const [users, visits] = [this.users, this.visits];
    this.users = new Map();
    this.visits = new Map();
    try {
      if (users.size > 0) await this.userRepository.touchLastActive(users);
      if (visits.size > 0) await this.recordVisits([...visits.values()]);
      for (const [userId, hour] of users) this.written.set(String(userId), hour);
      for (const [key, { at }] of visits) this.written.set(key, at);
    } catch (error) {
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
