import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { AdminAnswersRepository, type KeptAnswer } from '../../storage/admin/admin-answers.repository.js';
import { Secrets } from './secrets.js';

export type { KeptAnswer } from '../../storage/admin/admin-answers.repository.js';

export const ANSWER_SECONDS = 86_400;
/** A request that did not come to an end by then (the process died) is forgotten. */
const UNDER_WAY_SECONDS = 60;

/** A write under a key that its sender chose. */
export interface KeyedRequest {
  principal: string;
  key: string;
  /** Method and target. */
  line: string;
  body: Buffer;
}

/** `first`: do it, then {@link AdminAnswersService.finish} or {@link AdminAnswersService.forget}. */
export type Replay = 'first' | 'under-way' | 'other-request' | KeptAnswer;

/** Writes that are sent again, since their answer was lost, are done once: the first answer is kept for a day. */
@Injectable()
export class AdminAnswersService {
  constructor(
    private readonly answers: AdminAnswersRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  async begin({ principal, key, line, body }: KeyedRequest): Promise<Replay> {
    const hash = this.secrets.hash(Buffer.from(`${line}\n`), body);
    const now = this.clock.nowSeconds();
    const times = { now, answeredAfter: now - ANSWER_SECONDS, begunAfter: now - UNDER_WAY_SECONDS };
    if (await this.answers.begin({ principal, key }, hash, times)) return 'first';
    const earlier = await this.answers.find({ principal, key });
    if (!earlier) return 'under-way'; // it failed in this moment
    if (!this.secrets.isEqual(earlier.requestHash, hash)) return 'other-request';
    return earlier.answer ?? 'under-way';
  }

  finish(request: KeyedRequest, answer: KeptAnswer): Promise<void> {
    return this.answers.finish(request, answer);
  }

  /** It failed: nothing was done, and it may be tried again. */
  forget(request: KeyedRequest): Promise<void> {
    return this.answers.forget(request);
  }
}
