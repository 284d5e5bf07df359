import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../../protocol/clock.js';
import {
  CommunityCountsRepository,
  type CommunityCounts,
} from '../../storage/admin/community-counts.repository.js';

/** Counting goes over all users: once in a while is enough. */
const KEPT_SECONDS = 10;

/** The community as a whole. */
@Injectable()
export class OverviewService {
  private kept: { at: number; counts: Promise<CommunityCounts> } | undefined;

  constructor(
    private readonly repository: CommunityCountsRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** At most ten seconds old. */
  counts(): Promise<CommunityCounts> {
    const now = this.clock.nowSeconds();
    if (this.kept && now - this.kept.at < KEPT_SECONDS) return this.kept.counts;
    const activeSince = now - this.config.lifetimes.activeUserSeconds;
    const counts = this.repository.count({ activeSince, now });
    const kept = { at: now, counts };
    this.kept = kept;
    counts.catch(() => {
      if (this.kept === kept) this.kept = undefined;
    });
    return counts;
  }
}
