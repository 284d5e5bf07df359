import { settlesWithin } from '../protocol/bounded-wait.js';
import { ChangeBus, type ChangeListener } from './change-bus.js';
import type { ChangeCarrier } from './change-carrier.js';
import { joinChanges, readChangeMessage } from './change-message.js';
import { encodeChange, EVERYTHING, MISSED, type Change } from '../protocol/change.js';
import type { CoordinationLog } from './coordination-log.js';
import { freshProcessName } from './other-servers.js';

const ENCODED_EVERYTHING = encodeChange(EVERYTHING);
/** Different changes that wait to be sent; beyond it others are told that anything may have changed. */
const WAITING_MAX = 10_000;
const RETRY_PAUSE_MIN_MS = 100;
/** Others find out by themselves within a second, so neither a pause nor a wait is worth more than that. */
const RETRY_PAUSE_MAX_MS = 1_000;
const HAND_OVER_TIMEOUT_MS = 1_000;
const LAST_SEND_TIMEOUT_MS = 1_000;

/**
 * The change bus over whatever carries texts. Changes of one turn of the event loop go together, each once. While
 * the carrier is away they wait, since those who still listen to it would not know that they missed something.
 */
export class CarriedChangeBus extends ChangeBus {
  private readonly self = freshProcessName();
  private readonly listeners = new Set<ChangeListener>();
  /** As texts, so that each is in there once. */
  private readonly waiting = new Set<string>();
  private retryPauseMs = RETRY_PAUSE_MIN_MS;
  private retry: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  /** The round of sending that has not begun yet. */
  private nextRound: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly carrier: ChangeCarrier,
    private readonly log: CoordinationLog,
  ) {
    super();
    carrier.start({
      onText: (text) => this.receive(text),
      onReconnected: () => this.tell([MISSED]),
    });
  }

  async publish(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0 || this.isClosed) return;
    for (const change of changes) this.keep(encodeChange(change));
    if (!this.retry) await settlesWithin(HAND_OVER_TIMEOUT_MS, (this.nextRound ??= this.beginRound()));
  }

  subscribe(listener: ChangeListener): () => void {
    const own: ChangeListener = (changes) => listener(changes); // the same function may subscribe twice
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    await settlesWithin(LAST_SEND_TIMEOUT_MS, this.sendAll());
    await this.carrier.close();
  }

  private keep(encoded: string): void {
    if (this.waiting.has(ENCODED_EVERYTHING)) return;
    const kept = this.waiting.size < WAITING_MAX ? encoded : ENCODED_EVERYTHING;
    if (kept === ENCODED_EVERYTHING) this.waiting.clear();
    this.waiting.add(kept);
  }

  private async beginRound(): Promise<void> {
    await new Promise(setImmediate);
    await this.sendAll();
  }

  /** What waits now; what comes meanwhile goes with the next round. One text at a time. */
  private async sendAll(): Promise<void> {
    while (this.sending) await this.sending;
    this.nextRound = undefined;
    this.sending = this.send(new Set(this.waiting)).finally(() => (this.sending = undefined));
    await this.sending;
  }

  private async send(left: Set<string>): Promise<void> {
    while (left.size > 0) {
      const { text, included } = joinChanges(this.self, left, this.carrier.textBytesMax);
      for (const change of included) left.delete(change);
      // Taken out first: what is published from now on may not be seen by those who act upon this text.
      for (const change of included) this.waiting.delete(change);
      try {
        await this.carrier.send(text);
        this.retryPauseMs = RETRY_PAUSE_MIN_MS;
      } catch {
        for (const change of included) this.keep(change);
        this.retryLater();
        return;
      }
    }
  }

  private retryLater(): void {
    if (this.isClosed) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      void this.sendAll();
    }, this.retryPauseMs);
    this.retry.unref();
    this.retryPauseMs = Math.min(this.retryPauseMs * 2, RETRY_PAUSE_MAX_MS);
  }

  private receive(text: string): void {
    const message = readChangeMessage(text);
    if (message?.from === this.self) return;
    this.tell(message?.changes ?? [EVERYTHING]);
  }

  private tell(changes: readonly Change[]): void {
    for (const listener of this.listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.log.warn(`a listener to changes failed: ${(error as Error).message}`);
      }
    }
  }
}
