import type { Change } from '../protocol/change.js';

export type ChangeListener = (changes: readonly Change[]) => void;

/**
 * Tells other processes of the community what changed, so that they look again. It may lose anything at any time;
 * whoever relies on it also checks by other means. The kinds share `change-bus.contract.ts`. A class so that Nest
 * can inject it by its type.
 */
export abstract class ChangeBus {
  /**
   * After commit; the process's own listeners are not told. Resolves when the changes are handed over to the others,
   * or after a moment when that does not come about; never rejects.
   */
  abstract publish(changes: readonly Change[]): Promise<void>;
  /** Tells what others published, and `missed` after changes may have been missed. Returns how to stop it. */
  abstract subscribe(listener: ChangeListener): () => void;
  /** Sends what is still waiting, if that takes no longer than a moment. */
  abstract close(): Promise<void>;
}
