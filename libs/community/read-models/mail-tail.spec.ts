import fc from 'fast-check';
import { MailTail } from './mail-tail.js';

/** A table whose rows become visible when the test says so, whatever their ids. */
class Table {
  readonly visible: number[] = [];

  newest = async (): Promise<number> => Math.max(0, ...this.visible);
  after = async (id: number, limit: number) =>
    this.visible
      .filter((one) => one > id)
      .sort((a, b) => a - b)
      .slice(0, limit)
      .map((one) => ({ id: one, senderId: one, recipientId: null }));
}

describe('the tail of direct messages', () => {
  let table: Table;
  let now: number;
  let found: Set<number>;
  let lost: number;
  let tail: MailTail;
  beforeEach(() => {
    [table, now, found, lost] = [new Table(), 0, new Set(), 0];
    const listener = { found: ({ id }: { id: number }) => found.add(id), lost: () => lost++ };
    tail = new MailTail(table, listener, () => now);
  });

  const look = async (at: number): Promise<void> => {
    now = at;
    await tail.look();
  };

  it('finds what comes, but not what was there long before', async () => {
    table.visible.push(1, 9_000);
    await look(0);
    table.visible.push(9_001);
    await look(1_000);
    expect([...found].filter((id) => id <= 1)).toEqual([]);
    expect(found.has(9_001)).toBe(true);
  });

  it('finds what was drawn earlier and became visible later', async () => {
    table.visible.push(100);
    await look(0);
    table.visible.push(105);
    await look(1_000);
    table.visible.push(103);
    await look(50_000);
    expect(found.has(103)).toBe(true);
    table.visible.push(99); // drawn before the first look
    await look(51_000);
    expect(found.has(99)).toBe(true);
  });

  it('does not read the whole past again and again', async () => {
    await look(0);
    table.visible.push(...Array.from({ length: 3_000 }, (_, n) => n + 1));
    await look(1_000);
    await look(2_000);
    found.clear();
    await look(62_001);
    await look(63_000);
    found.clear();
    await look(64_000);
    expect(found.size).toBe(0);
  });

  it('says so when more came than can be told', async () => {
    await look(0);
    table.visible.push(...Array.from({ length: 5_000 }, (_, n) => n + 1));
    await look(1_000);
    expect([found.size, lost]).toEqual([0, 1]);
    table.visible.push(5_001);
    await look(2_000);
    expect([found.has(5_001), lost]).toEqual([true, 1]);
  });

  it('finds everything that becomes visible within a minute, in whatever order and however often it looks', async () => {
    const message = fc.record({ drawnAt: fc.nat(200_000), takes: fc.nat(59_000) });
    const plan = fc.tuple(fc.array(message, { maxLength: 60 }), fc.array(fc.nat(300_000), { maxLength: 60 }));
    await fc.assert(
      fc.asyncProperty(plan, async ([messages, looks]) => {
        const rows = [...messages]
          .sort((a, b) => a.drawnAt - b.drawnAt)
          .map(({ drawnAt, takes }, n) => ({ id: n + 1, visibleAt: drawnAt + takes }));
        const source = new Table();
        const seen = new Set<number>();
        let time = 0;
        const listener = { found: ({ id }: { id: number }) => seen.add(id), lost: () => undefined };
        const follower = new MailTail(source, listener, () => time);
        await follower.look();
        for (time of [...looks, 400_000].sort((a, b) => a - b)) {
          source.visible.length = 0;
          source.visible.push(...rows.filter(({ visibleAt }) => visibleAt <= time).map(({ id }) => id));
          await follower.look();
          expect([...seen].sort()).toEqual([...source.visible].sort());
        }
      }),
    );
  });
});
