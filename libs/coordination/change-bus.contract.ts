import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeBus } from './change-bus.js';
import { EVERYTHING, MISSED, type Change } from '../protocol/change.js';

/** A kind of bus under test. */
export interface ChangeBusKind {
  /** Another process of the same community. Whoever opened it closes it. */
  open(): Promise<ChangeBus>;
  /** Cuts every connection of every bus. */
  cut(): Promise<void>;
  /** Sends to all of them what no bus ever would. */
  inject(text: string): Promise<void>;
}

const ARRIVAL_TIMEOUT_MS = 25_000;
const POLL_MS = 5;
const ROOM: Change = { kind: 'room', roomId: 7 };

/** What a bus told a listener, in order. */
export class Heard {
  readonly messages: (readonly Change[])[] = [];

  constructor(bus: ChangeBus) {
    bus.subscribe((changes) => this.messages.push(changes));
  }

  get changes(): Change[] {
    return this.messages.flat();
  }

  has(change: Change): boolean {
    const text = JSON.stringify(change);
    return this.changes.some((each) => JSON.stringify(each) === text);
  }

  /** Resolves when this change has arrived. */
  async until(change: Change): Promise<void> {
    const late = Date.now() + ARRIVAL_TIMEOUT_MS;
    while (!this.has(change)) {
      if (Date.now() > late) throw new Error(`${JSON.stringify(change)} did not arrive`);
      await delay(POLL_MS);
    }
  }
}

/** What every kind of change bus must do. */
export function describeChangeBus(name: string, kind: ChangeBusKind): void {
  describe(`${name}: a change bus`, () => {
    const open: ChangeBus[] = [];
    const openBus = async (): Promise<ChangeBus> => {
      const bus = await kind.open();
      open.push(bus);
      return bus;
    };
    let here: ChangeBus;
    let there: ChangeBus;
    beforeEach(async () => {
      here = await openBus();
      there = await openBus();
    });
    afterEach(() => Promise.all(open.splice(0).map((bus) => bus.close())));

    /** Something that comes after all that was sent before it by this bus. */
    let marks = 0;
    const mark = (bus: ChangeBus): Change => {
      const change: Change = { kind: 'messages', roomId: 1_000, sequence: ++marks };
      bus.publish([change]);
      return change;
    };

    it('tells others, once, and not the one who said it', async () => {
      const [mine, theirs, third] = [new Heard(here), new Heard(there), new Heard(await openBus())];
      here.publish([ROOM, { kind: 'messages', roomId: 1, sequence: 2 }]);
      const fromThere = mark(there);
      await Promise.all([theirs.until(ROOM), third.until(ROOM), mine.until(fromThere)]);
      const end = mark(here);
      await theirs.until(end);
      expect(theirs.changes).toEqual([ROOM, { kind: 'messages', roomId: 1, sequence: 2 }, end]);
      expect(mine.changes).toEqual([fromThere]);
    });

    it.each<Change>([
      { kind: 'everything' },
      { kind: 'room', roomId: 1 },
      { kind: 'messages', roomId: 2, sequence: Number.MAX_SAFE_INTEGER },
      { kind: 'users' },
      { kind: 'rules' },
      { kind: 'missed' },
      { kind: 'banned', userId: 6, roomId: 7 },
      { kind: 'banned', userId: 6, roomId: null },
      { kind: 'mail', senderId: 3, recipientId: 4, id: 5 },
    ])('carries %j', async (change) => {
      const heard = new Heard(there);
      here.publish([change]);
      await heard.until(change);
    });

    it('says the same thing once when it happens many times in a moment', async () => {
      const heard = new Heard(there);
      for (let time = 0; time < 100; time++)
        here.publish([ROOM, { kind: 'messages', roomId: 7, sequence: 1 }]);
      await heard.until(ROOM);
      const end = mark(here);
      await heard.until(end);
      expect(heard.changes).toEqual([ROOM, { kind: 'messages', roomId: 7, sequence: 1 }, end]);
    });

    it('says it again when it happens again', async () => {
      const heard = new Heard(there);
      here.publish([ROOM]);
      await heard.until(ROOM);
      here.publish([ROOM]);
      await heard.until(mark(here));
      expect(heard.changes.filter(({ kind: each }) => each === 'room')).toHaveLength(2);
    });

    it('splits what is too long for one message', async () => {
      const heard = new Heard(there);
      const changes: Change[] = Array.from({ length: 5_000 }, (_, roomId) => ({
        kind: 'messages',
        roomId,
        sequence: 1,
      }));
      here.publish(changes);
      await heard.until(changes.at(-1)!);
      expect(heard.changes).toEqual(changes);
      expect(heard.messages.length).toBeGreaterThan(1);
    });

    it('says that anything may have changed when more changed than it can hold', async () => {
      const heard = new Heard(there);
      here.publish(Array.from({ length: 20_000 }, (_, roomId) => ({ kind: 'room', roomId })));
      await heard.until(EVERYTHING);
      expect(heard.changes).toEqual([EVERYTHING]);
    });

    it('tells all its listeners, also beside one that fails, until they leave', async () => {
      const leave = there.subscribe(() => {
        throw new Error('on purpose');
      });
      const left: unknown[] = [];
      const listener = (changes: readonly Change[]): void => void left.push(changes);
      const leaving = there.subscribe(listener);
      there.subscribe(listener);
      const heard = new Heard(there);
      here.publish([ROOM]);
      await heard.until(ROOM);
      expect(left).toHaveLength(2);
      leave();
      leaving();
      await heard.until(mark(here));
      expect(left).toHaveLength(3);
    });

    it('says that changes may have been missed after it was cut off, and works again', async () => {
      const [mine, theirs] = [new Heard(here), new Heard(there)];
      await kind.cut();
      await Promise.all([mine.until(MISSED), theirs.until(MISSED)]);
      await Promise.all([theirs.until(mark(here)), mine.until(mark(there))]);
    });

    it.each([
      'nonsense',
      '{"from":"x"}',
      '{"from":"x","changes":[{"kind":"weather"}]}',
      '{"from":"x","changes":[{"kind":"room","roomId":"7"}]}',
    ])('takes %s, which it does not understand, for anything', async (text) => {
      const heard = new Heard(there);
      await kind.inject(text);
      await heard.until(EVERYTHING);
      await heard.until(mark(here));
    });

    it('sends what still waits when it is closed, and nothing afterwards', async () => {
      const heard = new Heard(there);
      here.publish([ROOM]);
      await here.close();
      here.publish([{ kind: 'rules' }]);
      await heard.until(ROOM);
      const third = await openBus();
      await heard.until(mark(third));
      expect(heard.has({ kind: 'rules' })).toBe(false);
    });

    it('tells nothing after it was closed', async () => {
      const heard = new Heard(there);
      await there.close();
      const third = new Heard(await openBus());
      await third.until(mark(here));
      expect(heard.messages).toEqual([]);
    });
  });
}
