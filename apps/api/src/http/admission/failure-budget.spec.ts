import { FailureBudget } from './failure-budget.js';

describe('the budget of failures', () => {
  let now: number;
  let budget: FailureBudget;
  beforeEach(() => {
    now = 0;
    budget = new FailureBudget(100, () => now);
  });

  it('lets a second’s worth be answered at once', () => {
    budget.charge(100);
    expect({ delay: budget.delayMs, spent: budget.isSpent }).toEqual({ delay: 0, spent: false });
  });

  it('puts answers off by what time has to pay, up to a second', () => {
    budget.charge(150);
    expect(budget.delayMs).toBe(500);
    budget.charge(1_000);
    expect(budget.delayMs).toBe(1000);
  });

  it('is spent beyond two seconds’ worth, and no longer when time has paid', () => {
    budget.charge(201);
    expect(budget.isSpent).toBe(true);
    now = 20;
    expect(budget.isSpent).toBe(false);
    now = 10_000;
    expect(budget.delayMs).toBe(0);
  });

  it('gives back what did not fail', () => {
    budget.charge(300);
    budget.refund(300);
    expect(budget.isSpent).toBe(false);
  });

  it('never owes: a refund beyond the debt is worth nothing', () => {
    budget.refund(1_000);
    budget.charge(201);
    expect(budget.isSpent).toBe(true);
  });

  it('lets somebody who waits for each answer send no more than is paid for', () => {
    let answered = 0;
    for (const clients = Array.from({ length: 64 }, () => 0); now < 10_000;) {
      const next = clients.indexOf(Math.min(...clients));
      now = Math.max(now, clients[next]!);
      budget.charge(1);
      answered++;
      clients[next] = now + budget.delayMs;
    }
    expect(answered).toBeGreaterThan(900);
    expect(answered).toBeLessThan(1_200);
    expect(budget.isSpent).toBe(false);
  });

  it('knows no limit at 0', () => {
    const endless = new FailureBudget(0, () => now);
    endless.charge(1e9);
    expect({ delay: endless.delayMs, spent: endless.isSpent }).toEqual({ delay: 0, spent: false });
  });
});
