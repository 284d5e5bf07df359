import { Logger } from '@nestjs/common';
import { atMostEvery } from '../../../libs/protocol/at-most-every.js';
import type { UnavailableError } from '../../../libs/protocol/unavailable-error.js';

const WARN_EVERY_MS = 1_000;

/** Tells why answers fail. In an outage thousands fail for one reason, so of each reason a line a second has to do. */
export class FailureLog {
  private readonly log: Logger;
  /** By the name of the error: there are a handful. */
  private readonly isTimeToWarn = new Map<string, () => boolean>();

  constructor(
    context: string,
    private readonly nowMs?: () => number,
  ) {
    this.log = new Logger(context);
  }

  /** `what` could not be answered because something that the server needs is away. */
  unavailable(what: string, { name, message }: UnavailableError): void {
    const isTime = this.isTimeToWarn.get(name) ?? atMostEvery(WARN_EVERY_MS, this.nowMs);
    this.isTimeToWarn.set(name, isTime);
    if (isTime()) this.log.warn(`${what}: ${message}`);
  }

  /** A mistake of ours. */
  failed(what: string, error: unknown): void {
    this.log.error(`${what} failed`, error instanceof Error ? error.stack : String(error));
  }
}
