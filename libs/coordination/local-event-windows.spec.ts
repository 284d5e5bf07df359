import { describeEventWindows, NOW } from './event-windows.contract.js';
import { LocalEventWindows, type LocalEventWindowsOptions } from './local-event-windows.js';

describeEventWindows('in the process', async (clock) => ({ windows: new LocalEventWindows({ clock }) }));

describe('the memory of event windows', () => {
  let now = NOW;
  const open = (options: LocalEventWindowsOptions = {}): LocalEventWindows =>
    new LocalEventWindows({ clock: { nowSeconds: () => now }, ...options });
  const record = async (windows: LocalEventWindows, key: string, times = 1): Promise<number> => {
    let events = 0;
    for (let time = 0; time < times; time++) ({ events } = await windows.record(key, 'ada', 60));
    return events;
  };
  beforeEach(() => {
    now = NOW;
  });

  it('is bounded by keys: the one unused for longest is forgotten', async () => {
    const windows = open({ keysMax: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) await record(windows, key);
    expect(windows.size).toBe(3);
    expect(await record(windows, 'a')).toBe(3);
    expect(await record(windows, 'b')).toBe(1);
  });

  it('forgets events of a time that a clock set back has yet to reach', async () => {
    const windows = open();
    expect(await record(windows, 'a', 5)).toBe(5);
    now -= 3600;
    expect(await record(windows, 'a', 2)).toBe(2);
    now += 61;
    expect(await record(windows, 'a')).toBe(1);
  });

  it('is bounded by events of all keys together', async () => {
    const windows = open({ eventsMax: 20 });
    await record(windows, 'a', 5);
    await record(windows, 'b', 10);
    await record(windows, 'c', 5);
    expect(windows.size).toBe(3);
    await record(windows, 'd');
    expect(windows.size).toBe(3);
    expect(await record(windows, 'b')).toBe(11);
    expect(await record(windows, 'a')).toBe(1);
  });

  it('is freed of keys whose events no longer count, whatever lives longer', async () => {
    const windows = open();
    await windows.record('long', 'ada', 86_400);
    for (let key = 0; key < 1000; key++) await record(windows, String(key));
    now += 61;
    for (let event = 0; event < 1000; event++) await record(windows, 'busy');
    expect(windows.size).toBe(2);
    expect((await windows.record('long', 'ada', 86_400)).events).toBe(2);
  });

  it('has no key without events', async () => {
    const windows = open();
    expect(await windows.record('none', 'ada', 60, 0)).toEqual({ events: 1, members: 1 });
    expect(windows.size).toBe(0);
  });
});
