import { selectCryptoBackend } from '../../../../../libs/crypto/select-backend.js';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FailureBudget } from './failure-budget.js';
import { OnionAdmission } from './onion-admission.js';
import { ProvenAddresses } from './proven-addresses.js';

const MIB = 1024 * 1024;
/** Failures per second; twice as many use the budget up. */
const BUDGET = 10;

/** A connection from an address, and what became of the onions that came over it. */
class Connection {
  private readonly socket = { remoteAddress: '' };
  readonly outcomes: string[] = [];
  private response = new EventEmitter();

  constructor(
    private readonly admission: OnionAdmission,
    address = '192.0.2.1',
  ) {
    this.socket.remoteAddress = address;
  }

  private get request(): IncomingMessage {
    return { socket: this.socket } as unknown as IncomingMessage;
  }

  send(bytes = 200): this {
    this.response = new EventEmitter();
    this.admission.enter(this.request, this.response as unknown as ServerResponse, bytes, {
      pass: () => void this.outcomes.push('passes'),
      refuse: () => void this.outcomes.push('is refused'),
    });
    return this;
  }

  opens(): void {
    this.admission.opened(this.request);
    this.response.emit('close');
  }

  /** Milliseconds until it is told. */
  fails(bytes = 200): number {
    const delay = this.admission.failed(this.request, bytes);
    this.response.emit('close');
    return delay;
  }
}

describe('the admission of onions', () => {
  let now: number;
  let admission: OnionAdmission;
  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    admission = new OnionAdmission(
      new FailureBudget(BUDGET, () => now),
      new ProvenAddresses(selectCryptoBackend('sodium'), () => now),
    );
  });
  afterEach(() => {
    admission.close();
    jest.useRealTimers();
  });

  const spend = (times = 2 * BUDGET + 1): void => {
    for (let at = 0; at < times; at++) new Connection(admission).send().fails();
  };

  it('lets all pass while little fails', () => {
    spend(BUDGET);
    expect(new Connection(admission).send().outcomes).toEqual(['passes']);
  });

  it('puts off what failed when much does', () => {
    spend(BUDGET);
    expect(new Connection(admission).send().fails()).toBeCloseTo(100);
  });

  it('lets unproven connections wait when too much failed, and pass when time has paid', () => {
    spend();
    const connection = new Connection(admission).send();
    expect(connection.outcomes).toEqual([]);
    now = 200;
    jest.advanceTimersByTime(50);
    expect(connection.outcomes).toEqual(['passes']);
  });

  it('refuses who has waited for a second', () => {
    spend();
    const connection = new Connection(admission).send();
    jest.advanceTimersByTime(1_100);
    expect(connection.outcomes).toEqual(['is refused']);
  });

  it('lets proven connections pass whatever others do, until one of their own fails', () => {
    const connection = new Connection(admission).send();
    connection.opens();
    spend();
    expect(connection.send().outcomes).toEqual(['passes', 'passes']);
    connection.fails();
    expect(connection.send().outcomes).toEqual(['passes', 'passes']);
  });

  it('lets new connections pass from an address where nothing failed', () => {
    new Connection(admission, '198.51.100.1').send().opens();
    spend();
    expect(new Connection(admission, '198.51.100.1').send().outcomes).toEqual(['passes']);
    expect(new Connection(admission, '198.51.100.2').send().outcomes).toEqual([]);
  });

  it('charges what arrives together before any of it is opened, and gives back what did not fail', () => {
    const many = Array.from({ length: 2 * BUDGET + 1 }, () => new Connection(admission).send());
    expect(new Connection(admission).send().outcomes).toEqual([]);
    for (const connection of many) connection.opens();
    expect(new Connection(admission).send().outcomes).toEqual(['passes']);
  });

  it('charges a long one more', () => {
    for (let at = 0; at < 2; at++) new Connection(admission).send(MIB).fails(MIB);
    expect(new Connection(admission).send().outcomes).toEqual([]);
  });

  it('forgets who has gone while waiting', () => {
    spend();
    const connection = new Connection(admission).send();
    connection['response'].emit('close');
    now = 10_000;
    jest.advanceTimersByTime(2_000);
    expect(connection.outcomes).toEqual([]);
  });
});
