import type { Clock } from '../protocol/clock.js';

/**
 * Remembers the nonces of verified requests for as long as the requests could be replayed (protocol.md §2,
 * check 12). Satisfies the port of the same name in libs/auth. The kinds share `nonce-store.contract.ts`. A class so
 * that Nest can inject it by its type.
 */
export abstract class NonceStore {
  /** Whether this nonce was remembered, with whatever timestamp. `nonce`: 16 bytes. */
  abstract has(nonce: Buffer): boolean | Promise<boolean>;
  /**
   * True when the nonce was new and is now recorded; false when somebody used it before: of two parallel calls
   * only one gets true. Throws when it cannot be recorded; the request must then fail.
   */
  abstract remember(nonce: Buffer, timestampSeconds: number): boolean | Promise<boolean>;
  /** How many are remembered; in Redis as they were counted last. */
  abstract readonly size: number;
  /** Beyond this many none is taken, and well before it those of times nearer to now only (`NonceWindow`). */
  abstract readonly entriesMax: number;
  /** Forgets what can no longer be replayed. Its owner calls it again and again. */
  abstract dropExpired(): void | Promise<void>;
  abstract close(): void | Promise<void>;
}

export const NONCE_BYTES = 16;
/** Whoever comes while the store is full. */
export const NONCES_RETRY_AFTER_SECONDS = 60;

/** The authenticator has checked the timestamp (protocol.md §2, check 10), maybe a moment ago. */
export function assertAcceptable(timestampSeconds: number, clock: Clock, reachSeconds: number): void {
  const distance = Math.abs(timestampSeconds - clock.nowSeconds());
  if (Number.isSafeInteger(timestampSeconds) && distance <= reachSeconds) return;
  throw new RangeError(`The timestamp ${timestampSeconds} is outside the window and was not checked`);
}
