import { Logger } from '@nestjs/common';
import { atMostEvery } from '../../../libs/protocol/at-most-every.js';

const WARN_EVERY_MS = 1_000;

/** Tells why answers fail. In an outage all fail for one reason, so of that a line a second has to do. */
export class FailureLog {
  private readonly log: Logger;
  private readonly isTimeToWarn: () => boolean;

  constructor(context: string, nowMs?: () => number) {
    this.log = new Logger(context);
    this.isTimeToWarn = atMostEvery(WARN_EVERY_MS, nowMs);
  }

  /** `what` could not be answered because something that the server needs is away. */
  unavailable(what: string, error: Error): void {
    if (this.isTimeToWarn()) this.log.warn(`${what}: ${error.message}`);
  }

  /** A mistake of ours. */
  failed(what: string, error: unknown): void {
    this.log.error(`${what} failed`, error instanceof Error ? error.stack : String(error));
  }
}
