/** What happened within a window, this event included. */
export interface WindowCount {
  readonly events: number;
  /** Different members that caused them. */
  readonly members: number;
}

/** Of one key; beyond it the oldest is forgotten, so that counts end there. */
export const EVENTS_PER_KEY_MAX = 1024;

/**
 * Counts events in sliding windows (automod: posts, copies of a text, joins). The kinds share
 * `event-windows.contract.ts`. A class so that Nest can inject it by its type.
 */
export abstract class EventWindows {
  /**
   * Records an event and counts those of the key that are younger than `windowSeconds`, this one included, in one
   * step: of parallel calls each counts those before it. One that is exactly as old as the window no longer counts.
   * An event beyond `eventsMax` is counted in the answer, but not kept: "one in 30 seconds" is not put off by trying.
   */
  abstract record(
    key: string,
    member: string,
    windowSeconds: number,
    eventsMax?: number,
  ): Promise<WindowCount>;

  /**
   * The same where it does not matter who caused them, for up to a thousand events: how many there are, at most one
   * more than `eventsMax`. A key belongs to one of the two methods.
   */
  async count(key: string, windowSeconds: number, eventsMax: number): Promise<number> {
    return (await this.record(key, '', windowSeconds, eventsMax)).events;
  }
}
