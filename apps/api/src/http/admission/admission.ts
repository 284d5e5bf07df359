import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../../../../libs/config/config.js';
import type { CryptoBackend } from '../../../../../libs/crypto/crypto-backend.js';
import { atMostEvery } from '../../../../../libs/protocol/at-most-every.js';
import { onionVersionOf } from '../../../../../libs/protocol/onion-endpoints.js';
import { HeldBytes, SMALL_BYTES_MAX } from '../../held-bytes.js';
import { FailureBudget } from './failure-budget.js';
import { flightOf, Flights } from './flights.js';
import { HealthChecks } from './health-checks.js';
import { OnionAdmission } from './onion-admission.js';
import { ProvenAddresses } from './proven-addresses.js';
import { refuseBusy, SHED, type ShedReason } from './shed.js';
import { Turns } from './turns.js';

const TELL_EVERY_MS = 60_000;

interface AdmissionLog {
  warn(details: { reason: ShedReason }, message: string): void;
}

/**
 * Stands before Fastify: what this process cannot take on is answered 503 here, before its body is read. Only
 * health checks have places of their own.
 */
export class Admission {
  readonly held: HeldBytes;
  private readonly flights: Flights;
  private readonly onions: OnionAdmission;
  private readonly turns = new Turns();
  private readonly healthChecks = new HealthChecks();
  /** What a body of unknown length may come to. */
  private readonly bodyBytesMax: number;
  private readonly isTimeToTell = atMostEvery(TELL_EVERY_MS);

  constructor(
    { limits, abuseLimits }: Pick<Config, 'limits' | 'abuseLimits'>,
    crypto: CryptoBackend,
    private readonly log: AdmissionLog,
  ) {
    this.bodyBytesMax = limits.httpBodyBytesMax;
    this.held = new HeldBytes(abuseLimits.bytesInFlightMax);
    this.flights = new Flights(abuseLimits.requestsInFlightMax, this.held);
    this.onions = new OnionAdmission(
      new FailureBudget(abuseLimits.onionFailuresPerSecondMax),
      new ProvenAddresses(crypto),
    );
  }

  /** Hands on what may go on to `next`, now or later. */
  admit(request: IncomingMessage, response: ServerResponse, next: RequestListener): void {
    if (this.turns.isFirst(request, response)) this.enter(request, response, next);
    else this.turns.wait(request, response, () => this.enter(request, response, next));
  }

  /** The onion in this request could be opened. */
  onionOpened(request: IncomingMessage): void {
    this.onions.opened(request);
  }

  /** It could not: resolves when that may be said. */
  onionFailed(
    request: IncomingMessage,
    response: ServerResponse,
    bodyBytes: number,
  ): Promise<void> | undefined {
    const milliseconds = this.onions.failed(request, bodyBytes);
    return milliseconds < 1 ? undefined : restFor(milliseconds, response);
  }

  close(): void {
    this.flights.close();
    this.onions.close();
    this.turns.close();
    this.healthChecks.close();
  }

  private enter(request: IncomingMessage, response: ServerResponse, next: RequestListener): void {
    const bodyBytes = this.bodyBytesOf(request);
    const begin = (): void => this.begin(request, response, bodyBytes, next);
    if (onionVersionOf(request) === undefined) return begin();
    const refuse = (): void => this.refuse(response, 'onions', bodyBytes);
    this.onions.enter(request, response, bodyBytes, { pass: begin, refuse });
  }

  private begin(
    request: IncomingMessage,
    response: ServerResponse,
    bodyBytes: number,
    next: RequestListener,
  ): void {
    const flight = this.flights.begin(request, response, bodyBytes);
    if (typeof flight !== 'string' || this.healthChecks.begin(request, response)) next(request, response);
    else this.refuse(response, flight, bodyBytes);
  }

  private refuse(response: ServerResponse, reason: ShedReason, bodyBytes: number): void {
    SHED.add(reason);
    refuseBusy(response, bodyBytes > SMALL_BYTES_MAX);
    if (this.isTimeToTell())
      this.log.warn({ reason }, 'requests are turned away with 503, see docs/limits.md');
  }

  private bodyBytesOf({ headers }: IncomingMessage): number {
    if (headers['transfer-encoding'] !== undefined) return this.bodyBytesMax;
    const length = headers['content-length'];
    if (length === undefined) return 0;
    const bytes = Number(length);
    return bytes <= this.bodyBytesMax ? bytes : 0; // refused with 413, and never read
  }
}

/** Who waits for an answer that says nothing new takes nobody's place. */
async function restFor(milliseconds: number, response: ServerResponse): Promise<void> {
  const flight = flightOf(response);
  flight?.rest();
  await delay(milliseconds);
  flight?.resume();
}
