import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { StatisticsRepository, WHOLE_SERVER, type Counts } from '../../storage/statistics.repository.js';

const FLUSH_EVERY_MS = 60_000;
/** More rooms than this in a minute are not counted one by one. */
const ROOMS_MAX = 20_000;

const none = (): Counts => ({ posts: 0, polls: 0, files: 0, fileBytes: 0 });

/**
 * Counts what happens in this process and adds it to the statistics once a minute. Counting costs a look into a map;
 * a crash loses the last minute, which is fine, as it is that what happens around the full hour may be counted to
 * either side of it.
 */
@Injectable()
export class StatisticsRecorder implements OnApplicationShutdown {
  private readonly log = new Logger('statistics');
  private counts = new Map<number, Counts>();
  private readonly timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);

  constructor(
    private readonly statistics: StatisticsRepository,
    private readonly clock: Clock,
  ) {
    this.timer.unref();
  }

  posted(roomId: number): void {
    this.of(roomId).posts++;
  }

  /** Somebody looked for new messages and found none. */
  polled(roomId: number): void {
    this.of(roomId).polls++;
  }

  uploaded(roomId: number, bytes: number): void {
    const counts = this.of(roomId);
    counts.files++;
    counts.fileBytes += bytes;
  }

  /** Adds what was counted to what is stored. While the database is away, it waits here. */
  async flush(): Promise<void> {
    if (this.counts.size === 0) return;
    const counted = this.counts;
    this.counts = new Map();
    try {
      await this.statistics.add(this.clock.nowSeconds(), withTotal(counted));
    } catch (error) {
      for (const [roomId, counts] of counted) add(this.of(roomId), counts);
      this.log.warn(`statistics wait for the database: ${(error as Error).message}`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private of(roomId: number): Counts {
    const known = this.counts.get(roomId);
    if (known) return known;
    const place = this.counts.size < ROOMS_MAX ? roomId : WHOLE_SERVER;
    const counts = this.counts.get(place) ?? none();
    this.counts.set(place, counts);
    return counts;
  }
}

function withTotal(counted: ReadonlyMap<number, Counts>): Map<number, Counts> {
  const total = none();
  for (const counts of counted.values()) add(total, counts);
  return new Map([...counted, [WHOLE_SERVER, total]]);
}

function add(to: Counts, counts: Counts): void {
  to.posts += counts.posts;
  to.polls += counts.polls;
  to.files += counts.files;
  to.fileBytes += counts.fileBytes;
}
