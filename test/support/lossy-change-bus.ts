import { ChangeBus, type ChangeListener } from '../../libs/coordination/change-bus.js';
import type { Change } from '../../libs/protocol/change.js';

/** A bus that loses half of what it should tell its listeners, at random: what relies on it must do without. */
export class LossyChangeBus extends ChangeBus {
  constructor(
    private readonly bus: ChangeBus,
    private readonly random: () => number = Math.random,
  ) {
    super();
  }

  publish(changes: readonly Change[]): Promise<void> {
    return this.bus.publish(changes);
  }

  subscribe(listener: ChangeListener): () => void {
    return this.bus.subscribe((changes) => {
      if (this.random() < 0.5) listener(changes);
    });
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}
