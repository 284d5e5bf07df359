import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from '../../../../test/support/until.js';
import { OpenConnections } from './open-connections.js';

const CONNECTIONS_MAX = 10;

describe('open connections', () => {
  let server: Server;
  let sockets: Socket[];
  /** Of requests for `/slow`. */
  let unanswered: ServerResponse[];
  let accepted: number;

  beforeEach(async () => {
    [sockets, unanswered, accepted] = [[], [], 0];
    server = createServer((request, response) => {
      if (request.url === '/slow') unanswered.push(response);
      else response.end('.');
    });
    server.maxConnections = CONNECTIONS_MAX;
    server.on('connection', () => accepted++);
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

  /** The server has done what it does with what it has seen. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  };

  /** One after the other, each when the server has seen all of the one before. */
  async function open(count: number, target?: string): Promise<Socket[]> {
    const opened: Socket[] = [];
    for (let at = 0; at < count; at++) {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      sockets.push(socket);
      opened.push(target === undefined ? socket : ask(socket, target));
      const [acceptedBefore, askedBefore] = [accepted, unanswered.length];
      await until(() => {
        if (target === undefined) return accepted > acceptedBefore;
        const isSeen = target === '/slow' ? unanswered.length > askedBefore : socket.bytesRead > 0;
        return isSeen || socket.destroyed;
      });
      await settled();
    }
    return opened;
  }

  const closed = (of: readonly Socket[]): number => of.filter(({ destroyed }) => destroyed).length;

  it('that rest give way when nearly all are taken, longest first', async () => {
    const resting = await open(9, '/');
    const { bytesRead } = resting[0]!;
    ask(resting[0]!);
    await until(() => resting[0]!.bytesRead > bytesRead);
    await settled();
    expect(closed(resting)).toBe(0);
    const newcomers = await open(3, '/');
    await until(() => closed(resting) >= 3);
    expect(closed(newcomers)).toBe(0);
    expect(resting.map(({ destroyed }) => destroyed)).toEqual([
      false,
      ...Array<boolean>(3).fill(true),
      ...Array<boolean>(5).fill(false),
    ]);
  });

  it('over which a request is under way stay, also when another one before it was answered', async () => {
    const busy = await open(8, '/slow');
    ask(busy[0]!, '/slow');
    await until(() => unanswered.length === 9);
    unanswered[0]!.end('.');
    await until(() => busy[0]!.bytesRead > 0);
    await open(5, '/');
    expect(closed(busy)).toBe(0);
    const { bytesRead } = busy[0]!;
    for (const response of unanswered) response.end('.');
    await until(() => busy[0]!.bytesRead > bytesRead && busy.every((socket) => socket.bytesRead > 0));
    await settled();
    const newcomers = await open(9, '/');
    await until(() => closed(busy) === 8);
    expect(closed(newcomers)).toBeLessThanOrEqual(1);
  });

  it('that say nothing give way when they are half', async () => {
    const silent = await open(8);
    await until(() => closed(silent) >= 3);
    await settled();
    expect(closed(silent)).toBe(3);
  });
});
