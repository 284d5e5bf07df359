import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser, Bill } from '../../../../libs/auth/ports.js';
import { beyondLimit } from '../../../../libs/community/limit-tally.js';
import { Config } from '../../../../libs/config/config.js';
import { TokenBuckets } from '../../../../libs/coordination/token-buckets.js';
import type { Route } from './route.js';

const READ_COST = 1;
const WRITE_COST = 5;
/** What a write brings is read, judged and kept: one more for each so many bytes. */
const BYTES_PER_COST = 1024;

/** What users cost, in units of a read; a write more, the longer it is. A batch costs one and what its parts do. Global moderators have no limit. */
@Injectable()
export class UserCosts {
  private readonly buckets: TokenBuckets<number>;

  constructor({ abuseLimits }: Config) {
    this.buckets = new TokenBuckets({
      perSecond: abuseLimits.userCostPerSecondMax,
      burst: abuseLimits.userCostBurstMax,
    });
  }

  /** `route`: undefined for a path or method that is none. */
  billFor(route: Route | undefined, bodyBytes: number): Bill {
    return new RequestBill(this.buckets, costOf(route, bodyBytes));
  }
}

/** One request's; who pays twice pays once. */
class RequestBill implements Bill {
  private isPaid = false;

  constructor(
    private readonly buckets: TokenBuckets<number>,
    private readonly cost: number,
  ) {}

  /** Throws 429. */
  pay(user: AuthenticatedUser): void {
    if (this.isPaid) return;
    const waitSeconds = this.buckets.take(user.id, this.cost);
    if (waitSeconds > 0 && !user.moderator) throw beyondLimit('user cost', waitSeconds);
    this.isPaid = waitSeconds === 0;
  }

  giveBack(user: AuthenticatedUser): void {
    if (this.isPaid) this.buckets.giveBack(user.id, this.cost);
    this.isPaid = false;
  }
}

function costOf(route: Route | undefined, bodyBytes: number): number {
  if (route === undefined || (route.cost === undefined && route.method === 'GET')) return READ_COST;
  return route.cost ?? WRITE_COST + Math.floor(bodyBytes / BYTES_PER_COST);
}
