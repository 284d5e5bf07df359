import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../../../test/support/until.js';
import { HeldBytes } from '../../held-bytes.js';
import { flightOf, Flights, type Flight } from './flights.js';

const KIB = 1024;
/** More than the system takes for a client that does not read. */
const LARGE = 64 * 1024 * KIB;

/** What of a request and its response flights look at. */
class Exchange extends EventEmitter {
  complete = true;
  writableEnded = false;
  writableLength = 0;
  isCut = false;
  readonly socket = {
    destroy: () => {
      this.isCut = true;
    },
  };

  get request(): IncomingMessage {
    return this as unknown as IncomingMessage;
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

describe('flights', () => {
  let held: HeldBytes;
  let flights: Flights;
  beforeEach(() => {
    held = new HeldBytes(256 * KIB);
    flights = new Flights(2, held);
  });
  afterEach(() => flights.close());

  const begin = (exchange: Exchange, bodyBytes = 0) =>
    flights.begin(exchange.request, exchange.response, bodyBytes);

  it('are bounded in number, and over when the response is closed', () => {
    const [first, second, third] = [new Exchange(), new Exchange(), new Exchange()];
    begin(first);
    begin(second);
    expect(begin(third)).toBe('requests');
    first.emit('close');
    expect(typeof begin(third)).toBe('object');
  });

  it('are bounded in the bytes of large bodies, which small ones do not count into', () => {
    flights = new Flights(100, held);
    const large = new Exchange();
    begin(large, 200 * KIB);
    expect(begin(new Exchange(), 100 * KIB)).toBe('bytes');
    for (let at = 0; at < 10; at++) expect(typeof begin(new Exchange(), 64 * KIB)).toBe('object');
    large.emit('close');
    expect(held.bytes).toBe(0);
    expect(typeof begin(new Exchange(), 100 * KIB)).toBe('object');
  });

  it('count large answers until they are taken', () => {
    const exchange = new Exchange();
    begin(exchange);
    flightOf(exchange.response)?.answering(1_000 * KIB);
    expect(held.bytes).toBe(1_000 * KIB);
    exchange.emit('close');
    flightOf(exchange.response)?.answering(1_000 * KIB);
    expect(held.bytes).toBe(0);
  });

  it('that rest take no place', () => {
    const [first, second] = [new Exchange(), new Exchange()];
    const resting = begin(first) as Flight;
    begin(second);
    resting.rest();
    expect(typeof begin(new Exchange())).toBe('object');
    resting.resume();
    expect(flights.size).toBe(3);
    first.emit('close');
    resting.resume();
    expect(flights.size).toBe(2);
  });

  it('are cut when they are slow to send and others need the place, not when the server is slow', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const [slow, worked] = [new Exchange(), new Exchange()];
    slow.complete = false;
    begin(worked);
    begin(slow);
    expect(begin(new Exchange())).toBe('requests');
    now.mockReturnValue(300);
    expect(typeof begin(new Exchange())).toBe('object');
    now.mockRestore();
    expect([slow.isCut, worked.isCut]).toEqual([true, false]);
  });

  it('are cut when nothing of an answer is taken within a minute', () => {
    const [stuck, moving] = [new Exchange(), new Exchange()];
    begin(stuck);
    begin(moving);
    stuck.writableLength = moving.writableLength = 1;
    flights.sweep(1_000);
    moving.writableLength = 0;
    flights.sweep(2_000);
    moving.writableLength = 1;
    flights.sweep(60_999);
    expect([stuck.isCut, moving.isCut]).toEqual([false, false]);
    flights.sweep(61_000);
    expect([stuck.isCut, moving.isCut]).toEqual([true, false]);
  });

  it('are not cut while an answer is taken slowly, in one piece as it is', async () => {
    const server = createServer((request, response) => {
      flights.begin(request, response, 0);
      response.end(Buffer.alloc(LARGE));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.pause().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => flights.size > 0);
    for (let now = 0; now <= 200_000; now += 50_000) {
      flights.sweep(now);
      await readSome(client, LARGE / 10);
    }
    expect(flights.size).toBe(1);
    flights.sweep(250_000);
    flights.sweep(309_999);
    expect(flights.size).toBe(1);
    flights.sweep(310_000);
    expect(flights.size).toBe(0);
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

/** So much less is in the server's memory afterwards, or nearly; then the client is silent again. */
async function readSome(client: Socket, bytes: number): Promise<void> {
  const until = client.bytesRead + bytes;
  client.resume();
  while (client.bytesRead < until) await delay(1);
  client.pause();
  await delay(100);
}
