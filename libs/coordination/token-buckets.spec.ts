import { TokenBuckets } from './token-buckets.js';

describe('token buckets', () => {
  let now: number;
  const open = (perSecond = 10, burst = 100, keysMax?: number) =>
    new TokenBuckets<string>({ perSecond, burst, nowMs: () => now, ...(keysMax && { keysMax }) });
  beforeEach(() => {
    now = 0;
  });

  it('begin full, and give what they hold', () => {
    const buckets = open();
    expect(buckets.take('ada', 99)).toBe(0);
    expect(buckets.take('ada', 1)).toBe(0);
    expect(buckets.take('ada', 1)).toBeCloseTo(0.1);
  });

  it('take nothing when they refuse, and tell when there is enough', () => {
    const buckets = open();
    buckets.take('ada', 100);
    expect(buckets.take('ada', 20)).toBe(2);
    expect(buckets.take('ada', 20)).toBe(2);
    now = 2_000;
    expect(buckets.take('ada', 20)).toBe(0);
  });

  it('take back what was taken for nothing, up to their burst', () => {
    const buckets = open();
    buckets.take('ada', 100);
    buckets.giveBack('ada', 20);
    expect(buckets.take('ada', 20)).toBe(0);
    expect(buckets.take('ada', 1)).toBeGreaterThan(0);
    buckets.giveBack('ada', 1000);
    expect(buckets.take('ada', 100)).toBe(0);
    expect(buckets.take('ada', 1)).toBeGreaterThan(0);
  });

  it('hold no more than their burst, however long they rest', () => {
    const buckets = open();
    buckets.take('ada', 100);
    now = 1e9;
    expect(buckets.take('ada', 100)).toBe(0);
    expect(buckets.take('ada', 1)).toBeGreaterThan(0);
  });

  it('are apart by key', () => {
    const buckets = open();
    buckets.take('ada', 100);
    expect(buckets.take('bob', 100)).toBe(0);
  });

  it('let pass what costs more than they ever hold, when they are full', () => {
    const buckets = open();
    expect(buckets.take('ada', 500)).toBe(0);
    expect(buckets.take('ada', 500)).toBe(10);
  });

  it('are bounded in number', () => {
    const buckets = open(10, 100, 2);
    for (const key of ['ada', 'bob', 'cid']) buckets.take(key, 100);
    expect(buckets.take('bob', 1)).toBeGreaterThan(0);
    expect(buckets.take('ada', 1)).toBe(0);
  });

  it('know no limit at 0 a second', () => {
    const buckets = open(0, 1);
    expect(buckets.take('ada', 1e9)).toBe(0);
  });
});
