import { setTimeout as delay } from 'node:timers/promises';
import { MemoryChangeCarrier, MemoryWire } from '../../test/support/memory-change-carrier.js';
import { LossyChangeBus } from '../../test/support/lossy-change-bus.js';
import { until } from '../../test/support/until.js';
import { CarriedChangeBus } from './carried-change-bus.js';
import { describeChangeBus, Heard } from './change-bus.contract.js';
import { EVERYTHING, type Change } from '../protocol/change.js';

const warnings: string[] = [];
const log = { warn: (message: string): void => void warnings.push(message) };
const room = (roomId: number): Change => ({ kind: 'room', roomId });

let wire: MemoryWire;
beforeEach(() => {
  wire = new MemoryWire();
  warnings.length = 0;
});

const open = () => {
  const carrier = new MemoryChangeCarrier(wire);
  return { carrier, bus: new CarriedChangeBus(carrier, log) };
};

describeChangeBus('in memory', {
  open: () => Promise.resolve(open().bus),
  cut: () => {
    for (const { handlers } of wire.carriers) handlers?.onReconnected();
    return Promise.resolve();
  },
  inject: (text) => Promise.resolve(wire.carry(text)),
});

describe('while its carrier is away, a bus', () => {
  it('keeps what changed, each once, and sends it when the carrier is back', async () => {
    const { bus, carrier } = open();
    const heard = new Heard(open().bus);
    carrier.isAway = true;
    for (const change of [room(1), room(2), room(1)]) {
      bus.publish([change]);
      await delay(5);
    }
    expect(wire.texts).toEqual([]);
    carrier.isAway = false;
    await heard.until(room(2));
    expect(heard.changes.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
      room(1),
      room(2),
    ]);
  });

  it('keeps no more than it can bear', async () => {
    const { bus, carrier } = open();
    const heard = new Heard(open().bus);
    carrier.isAway = true;
    for (let at = 0; at < 30_000; at += 1000) {
      bus.publish(Array.from({ length: 1000 }, (_, more) => room(at + more)));
      await delay(1);
    }
    carrier.isAway = false;
    await heard.until(EVERYTHING);
    expect(heard.changes.length).toBeLessThan(20);
  });

  it('forgets details that changed while it tried to say that anything may have changed', async () => {
    const { bus, carrier } = open();
    const heard = new Heard(open().bus);
    carrier.isAway = true;
    bus.publish([EVERYTHING]);
    await new Promise(setImmediate); // it is on its way, in vain
    bus.publish([room(1), room(2)]);
    await delay(20);
    carrier.isAway = false;
    await heard.until(EVERYTHING);
    await delay(20);
    expect(heard.changes).toEqual([EVERYTHING]);
  });

  it('holds up whoever publishes for a moment only', async () => {
    const { bus, carrier } = open();
    jest.spyOn(carrier, 'send').mockReturnValue(new Promise(() => undefined));
    const since = performance.now();
    await bus.publish([room(1)]);
    expect(performance.now() - since).toBeLessThan(15_000); // the carrier never answers
  });

  it('can be closed, and then tries no longer', async () => {
    const { bus, carrier } = open();
    carrier.isAway = true;
    bus.publish([room(1)]);
    await bus.close();
    const send = jest.spyOn(carrier, 'send');
    await delay(300);
    expect(send).not.toHaveBeenCalled();
  });
});

describe('a bus', () => {
  it('says again what changed while it was being said', async () => {
    const { bus } = open();
    const heard = new Heard(open().bus);
    bus.publish([room(1)]);
    await new Promise(setImmediate); // it is on its way now
    bus.publish([room(1)]);
    await until(() => heard.changes.length > 1);
    await delay(20);
    expect(heard.changes).toEqual([room(1), room(1)]);
  });

  it('resolves for whoever publishes when the others can know of it', async () => {
    const { bus } = open();
    const heard = new Heard(open().bus);
    await Promise.all([bus.publish([room(1)]), bus.publish([room(2)])]);
    await new Promise(setImmediate);
    expect(heard.changes).toEqual([room(1), room(2)]);
  });

  it('never throws into whoever publishes, whatever that is', async () => {
    const { bus } = open();
    const heard = new Heard(open().bus);
    bus.publish([{ kind: 'room', roomId: NaN }]);
    await heard.until(EVERYTHING);
  });

  it('logs a listener that fails', async () => {
    const { bus } = open();
    bus.subscribe(() => {
      throw new Error('on purpose');
    });
    open().bus.publish([room(1)]);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual(['a listener to changes failed: on purpose']);
  });
});

describe('the lossy bus of tests', () => {
  it('loses half of the messages', async () => {
    const { bus } = open();
    const heard = new Heard(new LossyChangeBus(open().bus));
    for (let roomId = 0; roomId < 100; roomId++) {
      bus.publish([room(roomId)]);
      await delay(1);
    }
    await delay(20);
    expect(heard.messages.length).toBeGreaterThan(20);
    expect(heard.messages.length).toBeLessThan(80);
  });
});
