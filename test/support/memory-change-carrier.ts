import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CarrierHandlers, ChangeCarrier } from '../../libs/coordination/change-carrier.js';

/** What connects the carriers of one test. */
export class MemoryWire {
  readonly carriers = new Set<MemoryChangeCarrier>();
  /** Every text that was carried. */
  readonly texts: string[] = [];

  carry(text: string): void {
    this.texts.push(text);
    for (const carrier of this.carriers) carrier.handlers?.onText(text);
  }
}

/** Carries within the process, and fails when a test says so. */
export class MemoryChangeCarrier implements ChangeCarrier {
  readonly textBytesMax = 200;
  handlers: CarrierHandlers | undefined;
  isAway = false;

  constructor(private readonly wire: MemoryWire) {
    wire.carriers.add(this);
  }

  start(handlers: CarrierHandlers): void {
    this.handlers = handlers;
  }

  async send(text: string): Promise<void> {
    await nextTurn();
    if (this.isAway) throw new Error('away');
    this.wire.carry(text);
  }

  close(): Promise<void> {
    this.wire.carriers.delete(this);
    return Promise.resolve();
  }
}
