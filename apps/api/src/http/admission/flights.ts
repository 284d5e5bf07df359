import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SMALL_BYTES_MAX, type HeldBytes } from '../../held-bytes.js';
import { SHED } from './shed.js';

/** Whoever is slower than this to send a body or to take an answer has to go when others need the room… */
const SLOW_MS = 5_000;
/** …or this, where little is to be sent: storage servers send it with the headers. */
const SLOW_SMALL_MS = 250;
/** Something of an answer has to be taken within this time in any case. */
const ANSWER_TIMEOUT_MS = 60_000;
const SWEEP_EVERY_MS = 5_000;

type WrittenSocket = Socket & { _handle?: { writeQueueSize?: number } | null };

/** A property rather than a WeakMap, whose entries outlive many requests. */
const FLIGHT = Symbol('flight');
type Tracked = ServerResponse & { [FLIGHT]?: Flight };

/** A request from its headers to the last byte of its answer. */
export class Flight {
  readonly since = performance.now();
  /** Of the body that is to come and of the answer, if large. */
  heldBytes = 0;
  hasEnded = false;
  /** How much of the answer was waiting for the client when a sweep last saw it become less, and when that was. */
  private unsent = 0;
  private blockedSince = 0;

  constructor(
    private readonly flights: Flights,
    private readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {}

  /** An answer of this size is in memory from now on. */
  answering(bytes: number): void {
    if (bytes > SMALL_BYTES_MAX && !this.hasEnded) this.flights.holdAnswer(this, bytes);
  }

  /** Nothing is worked on for a while: others may take the place. */
  rest(): void {
    this.flights.leave(this);
  }

  resume(): void {
    if (!this.hasEnded) this.flights.enter(this);
  }

  /** Waits for the client, either for the rest of the body or for the answer to be taken, and has for long. */
  isSlow(now: number): boolean {
    if (this.request.complete && !this.response.writableEnded) return false;
    return now - this.since > (this.heldBytes > 0 ? SLOW_MS : SLOW_SMALL_MS);
  }

  /** For how long nothing of the answer has been taken, as far as those have seen who asked. */
  blockedMs(now: number): number {
    const unsent = this.countUnsent();
    if (unsent === 0 || this.unsent === 0 || unsent < this.unsent) this.blockedSince = now;
    this.unsent = unsent;
    return now - this.blockedSince;
  }

  /** An answer is one write: what the system has taken of it shows only in the handle's queue (undocumented). */
  private countUnsent(): number {
    const socket = this.response.socket as WrittenSocket | null;
    return this.response.writableLength + (socket?._handle?.writeQueueSize ?? 0);
  }

  cut(): void {
    SHED.add('slow');
    this.flights.end(this);
    this.request.socket.destroy();
  }
}

/** Undefined for a response that did not come through the gate. */
export const flightOf = (response: Tracked): Flight | undefined => response[FLIGHT];

/**
 * The requests that are under way in this process: their number and the bytes that they hold have bounds, and nobody
 * keeps either by being slow.
 */
export class Flights {
  /** Oldest first. */
  private readonly flights = new Set<Flight>();
  private readonly sweeping: NodeJS.Timeout;

  constructor(
    private readonly requestsMax: number,
    private readonly held: HeldBytes,
  ) {
    held.makeRoom = (bytes) =>
      this.cutSlow(
        () => held.hasRoomFor(bytes),
        ({ heldBytes }) => heldBytes > 0,
      );
    this.sweeping = setInterval(() => this.sweep(performance.now()), SWEEP_EVERY_MS).unref();
  }

  get size(): number {
    return this.flights.size;
  }

  /** The reason, when there is no place, or no room for a body of this size. */
  begin(request: IncomingMessage, response: Tracked, bodyBytes: number): Flight | 'requests' | 'bytes' {
    if (!this.hasPlace()) this.cutSlow(() => this.hasPlace());
    if (!this.hasPlace()) return 'requests';
    const flight = new Flight(this, request, response);
    if (bodyBytes > SMALL_BYTES_MAX) {
      if (!this.held.take(bodyBytes)) return 'bytes';
      flight.heldBytes = bodyBytes;
    }
    this.flights.add(flight);
    response[FLIGHT] = flight;
    response.on('close', () => this.end(flight));
    return flight;
  }

  enter(flight: Flight): void {
    this.flights.add(flight);
  }

  leave(flight: Flight): void {
    this.flights.delete(flight);
  }

  end(flight: Flight): void {
    this.flights.delete(flight);
    flight.hasEnded = true;
    if (flight.heldBytes > 0) this.held.give(flight.heldBytes);
    flight.heldBytes = 0;
  }

  holdAnswer(flight: Flight, bytes: number): void {
    this.held.takeAnyhow(bytes);
    flight.heldBytes += bytes;
  }

  close(): void {
    clearInterval(this.sweeping);
  }

  /** Cuts off who takes nothing of an answer. For tests, `now` can be another one (milliseconds). */
  sweep(now: number): void {
    for (const flight of this.flights) if (flight.blockedMs(now) >= ANSWER_TIMEOUT_MS) flight.cut();
  }

  private hasPlace(): boolean {
    return this.flights.size < this.requestsMax;
  }

  /** Of slow ones that count, oldest first, as many as it takes. */
  private cutSlow(isEnough: () => boolean, counts: (flight: Flight) => boolean = () => true): void {
    const now = performance.now();
    for (const flight of this.flights) {
      if (now - flight.since <= SLOW_SMALL_MS || isEnough()) return;
      if (counts(flight) && flight.isSlow(now)) flight.cut();
    }
  }
}
