import { unavailable, type WireError } from '../../../libs/protocol/errors.js';
import { SHED } from './http/admission/shed.js';

/** Bodies and answers up to this size are not counted. */
export const SMALL_BYTES_MAX = 64 * 1024;

/**
 * Bytes of bodies and answers that are in memory at a time, in this process, with a bound. Only what is large is
 * counted: what is small is bounded by the number of requests.
 */
export class HeldBytes {
  private used = 0;
  /** Lets go of what somebody is slow to send or to take; set by who knows the connections. */
  makeRoom: (bytes: number) => void = () => undefined;

  constructor(private readonly bytesMax: number) {}

  get bytes(): number {
    return this.used;
  }

  /** False, and nothing taken, when there is no room. */
  take(bytes: number): boolean {
    if (!this.findRoom(bytes)) return false;
    this.used += bytes;
    return true;
  }

  /** For what is in memory already, room or not. */
  takeAnyhow(bytes: number): void {
    this.findRoom(bytes);
    this.used += bytes;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }

  /** For what is read into memory and then handed on. Throws 503. */
  async during<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    if (bytes <= SMALL_BYTES_MAX) return work();
    if (!this.take(bytes)) throw noRoom();
    try {
      return await work();
    } finally {
      this.give(bytes);
    }
  }

  /** For what is counted as soon as it is sent, but need not be. Throws 503. */
  refuseWithoutRoom(bytes: number): void {
    if (bytes > SMALL_BYTES_MAX && !this.findRoom(bytes)) throw noRoom();
  }

  hasRoomFor(bytes: number): boolean {
    return this.used + bytes <= this.bytesMax;
  }

  /** Whether there is room, if need be at the cost of who is slow. */
  private findRoom(bytes: number): boolean {
    if (!this.hasRoomFor(bytes)) this.makeRoom(bytes);
    return this.hasRoomFor(bytes);
  }
}

/** For whom there is no room; counted with those who are turned away at the door. */
export function noRoom(): WireError {
  SHED.add('bytes');
  return unavailable();
}
