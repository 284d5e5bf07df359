/** The clocks of the servers may differ by this much. */
export const CLOCKS_APART_MS = 5_000;

/** Tells what this process does from what others do: of all that ever work on one community no two get the same. */
export const freshProcessName = (): string => Math.random().toString(36).slice(2);

/** Names of what happens in this process, each different from all others of the community. */
export class FreshNames {
  private readonly process = freshProcessName();
  private given = 0;

  next(): string {
    return `${this.process}-${(this.given++).toString(36)}`;
  }
}
