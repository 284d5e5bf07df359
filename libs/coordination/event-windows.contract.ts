import fc from 'fast-check';
import type { Clock } from '../protocol/clock.js';
import { EVENTS_PER_KEY_MAX, type EventWindows, type WindowCount } from './event-windows.js';

export const NOW = 1_700_000_000;

export interface OpenedWindows {
  readonly windows: EventWindows;
  close?(): Promise<void>;
}

/** What every kind of event windows must do. `open` gives one that has nothing in it and whose time is `clock`'s. */
export function describeEventWindows(kind: string, open: (clock: Clock) => Promise<OpenedWindows>): void {
  describe(`${kind}: event windows`, () => {
    let now: number;
    let opened: OpenedWindows;
    beforeEach(async () => {
      now = NOW;
      opened = await open({ nowSeconds: () => now });
    });
    afterEach(() => opened.close?.());

    const record = (
      member = 'ada',
      windowSeconds = 10,
      { key = 'posts/1', eventsMax }: { key?: string; eventsMax?: number } = {},
    ): Promise<WindowCount> => opened.windows.record(key, member, windowSeconds, eventsMax);

    it('count an event itself', async () => {
      expect(await record()).toEqual({ events: 1, members: 1 });
    });

    it('count events, and members once', async () => {
      await record('ada');
      await record('bob');
      expect(await record('ada')).toEqual({ events: 3, members: 2 });
    });

    it('keep keys apart', async () => {
      await record('ada', 10, { key: 'a' });
      expect(await record('ada', 10, { key: 'b' })).toEqual({ events: 1, members: 1 });
    });

    it('forget an event that is as old as the window, not a younger one', async () => {
      await record('ada');
      now += 9.999;
      expect(await record('bob')).toEqual({ events: 2, members: 2 });
      now = NOW + 10;
      expect(await record('bob')).toEqual({ events: 2, members: 1 });
    });

    it('slide', async () => {
      const counts: number[] = [];
      for (let second = 0; second < 20; second += 4) {
        now = NOW + second;
        counts.push((await record()).events);
      }
      expect(counts).toEqual([1, 2, 3, 3, 3]);
    });

    it('count parallel events one after the other', async () => {
      const counts = await Promise.all(Array.from({ length: 50 }, (_, at) => record(`member ${at}`)));
      expect(counts.map(({ events }) => events).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, at) => at + 1),
      );
      expect(Math.max(...counts.map(({ members }) => members))).toBe(50);
    });

    it('do not keep events beyond a bound, though they count themselves', async () => {
      for (let second = 0; second < 10; second++) {
        now = NOW + second;
        const { events } = await record('ada', 10, { eventsMax: 1 });
        expect(events).toBe(second === 0 ? 1 : 2);
      }
      now = NOW + 10;
      expect(await record('ada', 10, { eventsMax: 1 })).toEqual({ events: 1, members: 1 });
    });

    it('count events alone, and keep none beyond the bound', async () => {
      const count = (): Promise<number> => opened.windows.count('newcomers', 10, 3);
      const counts: number[] = [];
      for (let second = 0; second < 14; second += 2) {
        now = NOW + second;
        counts.push(await count());
      }
      expect(counts).toEqual([1, 2, 3, 4, 4, 3, 3]);
      now = NOW + 30;
      const parallel = await Promise.all(Array.from({ length: 20 }, count));
      expect(parallel.filter((each) => each <= 3).sort()).toEqual([1, 2, 3]);
      expect(await opened.windows.count('others', 10, 3)).toBe(1);
    });

    it('end counting at a bound, and keep the youngest', async () => {
      for (let event = 0; event < EVENTS_PER_KEY_MAX; event++) await record(`member ${event}`);
      now += 5;
      const full = { events: EVENTS_PER_KEY_MAX, members: EVENTS_PER_KEY_MAX };
      for (let event = 0; event < 3; event++) expect(await record(`late ${event}`)).toEqual(full);
      now = NOW + 10;
      expect(await record('last')).toEqual({ events: 4, members: 4 });
    });

    it.each(['', 'a/b:c{d}*', 'ünïcödé 🐟', 'x'.repeat(500)])(
      'take any text for a name: %j',
      async (text) => {
        await record(text, 10, { key: text });
        expect(await record(`${text}.`, 10, { key: text })).toEqual({ events: 2, members: 2 });
      },
    );

    it('hold for any sequence of events', async () => {
      let run = 0;
      const step = fc.record({
        wait: fc.integer({ min: 0, max: 6 }),
        key: fc.constantFrom('a', 'b'),
        member: fc.constantFrom('ada', 'bob', 'cid'),
        eventsMax: fc.constantFrom(undefined, undefined, 2),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          run++;
          const kept: { at: number; key: string; member: string }[] = [];
          for (const { wait, key, member, eventsMax } of steps) {
            now += wait;
            const before = kept.filter((each) => each.key === key && each.at > now - 10);
            const members = new Set([member, ...before.map((each) => each.member)]);
            const count = await record(member, 10, {
              key: `${run}/${key}`,
              ...(eventsMax === undefined ? {} : { eventsMax }),
            });
            expect(count).toEqual({ events: before.length + 1, members: members.size });
            if (before.length < (eventsMax ?? Infinity)) kept.push({ at: now, key, member });
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}
