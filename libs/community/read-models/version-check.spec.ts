import { VersionCheck } from './version-check.js';

describe('the version check', () => {
  let now: number;
  let looks: number;
  let pending: { resolve(): void; reject(error: Error): void }[];
  let check: VersionCheck;

  beforeEach(() => {
    [now, looks, pending] = [0, 0, []];
    check = new VersionCheck(() => now);
    check.add(() => {
      looks++;
      return new Promise((resolve, reject) => pending.push({ resolve, reject }));
    });
  });

  const answer = async (error?: Error): Promise<void> => {
    const look = pending.shift()!;
    if (error) look.reject(error);
    else look.resolve();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const checked = async (): Promise<void> => {
    const waiting = check.ensure();
    await answer();
    await waiting;
  };
  const isOver = async (promise: Promise<void> | undefined): Promise<boolean> =>
    Promise.race([promise!.then(() => true), Promise.resolve().then(() => false)]);

  it('is off until it is started', () => {
    expect(check.isOn).toBe(false);
    check.start();
    expect(check.isOn).toBe(true);
  });

  it('tells for how long looks have failed, as long as somebody asks', async () => {
    expect(check.failingSeconds).toBe(0);
    await checked();
    now = 3_600_000; // nobody asked
    expect(check.failingSeconds).toBe(0);
    for (let second = 0; second < 20; second++, now += 1_000) {
      check.ensure()?.catch(() => undefined);
      await answer(new Error('away'));
    }
    expect(check.failingSeconds).toBe(20);
    now += 60_000; // nobody asked since
    expect(check.failingSeconds).toBe(0);
    check.ensure()?.catch(() => undefined);
    expect(check.failingSeconds).toBe(80);
    await answer();
    expect(check.failingSeconds).toBe(0);
  });

  it('lets nobody pass before the first look, which all share', async () => {
    const waiting = [check.ensure(), check.ensure()];
    expect(looks).toBe(1);
    await answer();
    await Promise.all(waiting);
    expect(check.ensure()).toBeUndefined();
  });

  it('looks in the background while the last look is recent, and nobody waits', async () => {
    await checked();
    now = 499;
    expect([check.ensure(), looks]).toEqual([undefined, 1]);
    now = 500;
    expect([check.ensure(), check.ensure(), looks]).toEqual([undefined, undefined, 2]);
    await answer();
    now = 999;
    expect([check.ensure(), looks]).toEqual([undefined, 2]);
  });

  it('makes everybody wait for it after more than a second', async () => {
    await checked();
    now = 900;
    const waiting = check.ensure();
    expect(await isOver(waiting)).toBe(false);
    await answer();
    await waiting;
  });

  it('counts from when a look began, and looks again when that was too long ago', async () => {
    await checked();
    now = 800;
    check.ensure(); // begins in the background
    now = 3_000;
    const waiting = check.ensure();
    await answer(); // what that one saw may be two seconds old
    expect(await isOver(waiting)).toBe(false);
    expect(looks).toBe(3);
    await answer();
    await waiting;
  });

  it('fails for whoever waits, and for nobody else', async () => {
    await checked();
    now = 500;
    expect(check.ensure()).toBeUndefined();
    await answer(new Error('away'));
    now = 899;
    expect(check.ensure()).toBeUndefined();
    await answer(new Error('away'));
    now = 900;
    const waiting = check.ensure();
    const failing = expect(waiting).rejects.toThrow('away');
    await answer(new Error('away'));
    await failing;
    await checked();
    expect(check.ensure()).toBeUndefined();
  });

  it('that fails disturbs nobody who only asked whether there is something to wait for', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    expect(check.ensure() !== undefined).toBe(true);
    await answer(new Error('away'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });

  it('starts again when it is told that something may have been missed', async () => {
    await checked();
    now = 800;
    check.ensure(); // this one may miss it
    now = 900;
    check.expire();
    const waiting = check.ensure();
    await answer();
    expect(await isOver(waiting)).toBe(false);
    await answer();
    await waiting;
    expect(check.ensure()).toBeUndefined();
  });
});
