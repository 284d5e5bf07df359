import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { OpenConnections } from './open-connections.js';

const CONNECTIONS_MAX = 10;

describe('open connections', () => {
  let server: Server;
  let sockets: Socket[];
  /** Of requests for `/slow`. */
  let unanswered: ServerResponse[];

  beforeEach(async () => {
    [sockets, unanswered] = [[], []];
    server = createServer((request, response) => {
      if (request.url === '/slow') unanswered.push(response);
      else response.end('.');
    });
    server.maxConnections = CONNECTIONS_MAX;
    new OpenConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (socket: Socket, target = '/'): Socket => {
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  };

  async function open(count: number, target?: string): Promise<Socket[]> {
    const opened: Socket[] = [];
    for (let at = 0; at < count; at++) {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      sockets.push(socket);
      opened.push(target === undefined ? socket : ask(socket, target));
      await delay(20);
    }
    return opened;
  }

  const closed = (of: readonly Socket[]): number => of.filter(({ destroyed }) => destroyed).length;

  it('that rest give way when nearly all are taken, longest first', async () => {
    const resting = await open(9, '/');
    ask(resting[0]!);
    await delay(50);
    expect(closed(resting)).toBe(0);
    expect(closed(await open(3, '/'))).toBe(0);
    expect(resting.map(({ destroyed }) => destroyed)).toEqual([
      false,
      ...Array<boolean>(3).fill(true),
      ...Array<boolean>(5).fill(false),
    ]);
  });

  it('over which a request is under way stay, also when another one before it was answered', async () => {
    const busy = await open(8, '/slow');
    ask(busy[0]!, '/slow');
    await delay(50);
    unanswered[0]!.end('.');
    await delay(50);
    await open(5, '/');
    expect(closed(busy)).toBe(0);
    for (const response of unanswered) response.end('.');
    await delay(50);
    expect(closed(await open(9, '/'))).toBeLessThanOrEqual(1);
    expect(closed(busy)).toBe(8);
  });

  it('that say nothing give way when they are half', async () => {
    const silent = await open(8);
    expect(closed(silent)).toBe(3);
  });
});
