import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { AbuseLimits } from '../protocol/abuse-limits.js';
import { Clock } from '../protocol/clock.js';
import { UploadSumsRepository, type UploadSums } from '../storage/upload-sums.repository.js';
import { beyondLimit } from './limit-tally.js';

/** An upload that is being stored, and is in no table yet. */
interface Pending {
  readonly userId: number;
  readonly roomId: number;
  readonly size: number;
}

const SCOPES = ['user', 'room', 'server'] as const;

/**
 * How much may be uploaded within a window: by a user in a room, in a room, on the server. What is kept is counted, in
 * the database, so that it holds for all processes and over restarts; what was deleted counts no longer. Uploads that
 * are under way in this process count as well; those of another process do not, as long as they are.
 */
@Injectable()
export class UploadLimits {
  private readonly pending = new Set<Pending>();

  constructor(
    private readonly sums: UploadSumsRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Runs `store` if there is room for an upload of this size. Throws 429. */
  async within<Result>(upload: Pending, store: () => Promise<Result>): Promise<Result> {
    this.pending.add(upload);
    try {
      await this.check(upload);
      return await store();
    } finally {
      this.pending.delete(upload);
    }
  }

  private async check(upload: Pending): Promise<void> {
    const { abuseLimits: limits } = this.config;
    const under = [...this.pending]; // before the table is asked: what is stored meanwhile counts twice, never not at all
    const since = this.clock.nowSeconds() - limits.uploadsWindowSeconds;
    const kept = await this.sums.since(since, upload);
    for (const scope of SCOPES) {
      const same = under.filter((each) => isOf(scope, each, upload));
      const number = kept[scope].number + same.length;
      const bytes = kept[scope].bytes + same.reduce((sum, { size }) => sum + size, 0);
      if (isBeyond({ number, bytes }, boundsOf(scope, limits)))
        throw beyondLimit(`${scope} uploads`, limits.uploadsWindowSeconds);
    }
  }
}

function isOf(scope: (typeof SCOPES)[number], each: Pending, { userId, roomId }: Pending): boolean {
  if (scope === 'server') return true;
  return each.roomId === roomId && (scope === 'room' || each.userId === userId);
}

const isBeyond = (sum: UploadSums['user'], max: UploadSums['user']): boolean =>
  (max.number > 0 && sum.number > max.number) || (max.bytes > 0 && sum.bytes > max.bytes);

const boundsOf = (scope: (typeof SCOPES)[number], limits: AbuseLimits): UploadSums['user'] => ({
  number: limits[`${scope}UploadsMax`],
  bytes: limits[`${scope}UploadBytesMax`],
});
