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
    if (!this.hasRoomFor(bytes)) this.makeRoom(bytes);
    if (!this.hasRoomFor(bytes)) return false;
    this.used += bytes;
    return true;
  }

  /** For what is in memory already, room or not. */
  takeAnyhow(bytes: number): void {
    if (!this.hasRoomFor(bytes)) this.makeRoom(bytes);
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
    if (bytes <= SMALL_BYTES_MAX || this.hasRoomFor(bytes)) return;
    this.makeRoom(bytes);
    if (!this.hasRoomFor(bytes)) throw noRoom();
  }

  hasRoomFor(bytes: number): boolean {
    return this.used + bytes <= this.bytesMax;
  }
}

/** For whom there is no room; counted with those who are turned away at the door. */
export function noRoom(): WireError {
  SHED.add('bytes');
  return unavailable();
}
