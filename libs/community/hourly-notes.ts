/** Remembers pairs of a place and a user for the current hour; when there are too many it starts again. */
export class HourlyNotes {
  private hour = Number.NEGATIVE_INFINITY;
  private readonly usersByPlace = new Map<number, Set<number>>();
  private count = 0;

  constructor(private readonly entriesMax: number) {}

  has(hour: number, place: number, userId: number): boolean {
    return hour === this.hour && (this.usersByPlace.get(place)?.has(userId) ?? false);
  }

  /** A note for an hour that is over is not kept, one for the next begins that hour. */
  add(hour: number, place: number, userId: number): void {
    if (hour < this.hour || this.has(hour, place, userId)) return;
    if (hour > this.hour || this.count >= this.entriesMax) this.startAgain(hour);
    const users = this.usersByPlace.get(place);
    if (users) users.add(userId);
    else this.usersByPlace.set(place, new Set([userId]));
    this.count++;
  }

  /** In one place, or (undefined) in all. */
  forget(userId: number, place: number | undefined): void {
    const places = place === undefined ? this.usersByPlace.values() : [this.usersByPlace.get(place)];
    for (const users of places) if (users?.delete(userId)) this.count--;
  }

  private startAgain(hour: number): void {
    this.hour = hour;
    this.usersByPlace.clear();
    this.count = 0;
  }
}
