import { HourlyNotes } from './hourly-notes.js';

describe('notes of an hour', () => {
  it('are of one hour, place and user', () => {
    const notes = new HourlyNotes(100);
    notes.add(3600, 1, 2);
    expect(notes.has(3600, 1, 2)).toBe(true);
    for (const [hour, place, user] of [
      [0, 1, 2],
      [7200, 1, 2],
      [3600, 2, 1],
      [3600, 1, 3],
    ] as const)
      expect(notes.has(hour, place, user)).toBe(false);
  });

  it('are gone with their hour, and do not come back with a late note', () => {
    const notes = new HourlyNotes(100);
    notes.add(3600, 1, 2);
    notes.add(7200, 1, 3);
    notes.add(3600, 1, 4);
    expect([notes.has(3600, 1, 2), notes.has(7200, 1, 3), notes.has(3600, 1, 4)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('are no more than are allowed', () => {
    const notes = new HourlyNotes(3);
    for (let user = 1; user <= 4; user++) {
      notes.add(3600, 1, user);
      notes.add(3600, 1, user); // counts once
    }
    const kept = [1, 2, 3, 4].filter((user) => notes.has(3600, 1, user));
    expect(kept).toEqual([4]);
  });
});
