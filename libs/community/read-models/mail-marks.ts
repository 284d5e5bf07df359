import { Injectable } from '@nestjs/common';
import { WeightedCache } from '../../protocol/weighted-cache.js';
import type { Box } from '../../storage/direct-messages.repository.js';
import { MailMarksRepository } from '../../storage/mail-marks.repository.js';
import { MailTail } from './mail-tail.js';
import { READS } from './read-tally.js';
import { VersionCheck } from './version-check.js';

/** Some 200 bytes each. */
const USERS_MAX = 100_000;

/** Where somebody's boxes end: no message in them has a greater id. There may be none with that id either. */
export class MailMark {
  private readonly last: Record<Box, number> = { inbox: 0, outbox: 0 };
  private raised = 0;
  private loading: Promise<void> | undefined;

  /** `load` is called at once: whatever is written from now on is either seen by it or told to {@link raise}. */
  constructor(load: () => Promise<Record<Box, number>>) {
    this.loading = load().then((last) => {
      this.raise('inbox', last.inbox);
      this.raise('outbox', last.outbox);
      this.loading = undefined;
    });
  }

  get isLoading(): Promise<void> | undefined {
    return this.loading;
  }

  isBelow(box: Box, id: number): boolean {
    return this.last[box] <= id;
  }

  raise(box: Box, id: number): void {
    if (id <= this.last[box]) return;
    this.last[box] = id;
    this.raised++;
  }

  /** To be taken before one looks into a box, and handed to {@link lower} when nothing was there. */
  get basis(): number {
    return this.raised;
  }

  /** There was nothing above `id`. Means nothing when something came meanwhile. */
  lower(box: Box, id: number, basis: number): void {
    if (basis === this.raised) this.last[box] = Math.min(this.last[box], id);
  }
}

/** Whether there is anything new in somebody's boxes, without asking the database: mostly there is not. */
@Injectable()
export class MailMarks {
  private readonly marks = new WeightedCache<number, MailMark>(USERS_MAX);
  private readonly tail: MailTail;

  constructor(
    private readonly repository: MailMarksRepository,
    private readonly check: VersionCheck,
  ) {
    this.tail = new MailTail(repository, {
      found: ({ id, senderId, recipientId }) => this.raise(senderId, recipientId, id),
      lost: () => this.forgetAll(),
    });
    check.add(() => this.tail.look());
  }

  /** Undefined when boxes have to be looked into. */
  of(userId: number): MailMark | undefined | Promise<MailMark | undefined> {
    if (!this.check.isOn) return undefined;
    const checking = this.check.ensure();
    const mark = checking ? undefined : this.marks.get(userId);
    const isKnown = mark !== undefined && !mark.isLoading;
    READS.add('mail', isKnown ? 'hit' : 'miss');
    return isKnown ? mark : this.load(userId, checking);
  }

  /** A message with this id from one to the other (null: to nobody). */
  raise(senderId: number, recipientId: number | null, id: number): void {
    this.marks.get(senderId)?.raise('outbox', id);
    if (recipientId !== null) this.marks.get(recipientId)?.raise('inbox', id);
  }

  forgetAll(): void {
    this.marks.clear();
  }

  private async load(userId: number, checking: Promise<void> | undefined): Promise<MailMark> {
    await checking;
    let mark = this.marks.get(userId);
    if (!mark) {
      mark = new MailMark(() => this.repository.last(userId));
      this.marks.set(userId, mark, 1);
    }
    try {
      await mark.isLoading;
    } catch (error) {
      if (this.marks.get(userId) === mark) this.marks.delete(userId);
      throw error;
    }
    return mark;
  }
}
