import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../../../test/support/until.js';
import { STOPPED_CODE } from './held-connections.js';
import { Turns } from './turns.js';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx';
/** So many that Node's parser stops in between and lets other things run. */
const MANY_HEADERS = `GET / HTTP/1.1\r\nHost: x\r\n${'A:\r\n'.repeat(60)}\r\n`;

describe('the turns of requests over a connection', () => {
  let turns: Turns;
  let server: Server;
  /** Answers of requests that have begun, in order; and how many there were of all kinds. */
  let begun: ServerResponse[];
  let seen: number;
  let mostPerTurn: number;
  let isAnswering: boolean;
  const errors: string[] = [];

  beforeEach(async () => {
    turns = new Turns();
    [begun, seen, mostPerTurn, isAnswering] = [[], 0, 0, true];
    let thisTurn = 0;
    server = createServer((request, response) => {
      seen++;
      const begin = (): void => {
        begun.push(response);
        if (thisTurn++ === 0) setImmediate(() => (thisTurn = 0));
        mostPerTurn = Math.max(mostPerTurn, thisTurn);
        if (isAnswering) request.resume().on('end', () => response.end('.'));
      };
      if (turns.isFirst(request, response)) begin();
      else turns.wait(request, response, begin);
    });
    server.on('clientError', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    errors.length = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    turns.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = (): Socket =>
    connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);

  /** What has come a while after the eighth answer. */
  async function send(text: string): Promise<{ answers: number; isClosed: boolean }> {
    const socket = open();
    let answers = 0;
    socket.on('data', (bytes: Buffer) => (answers += bytes.toString().split('HTTP/1.1').length - 1));
    socket.write(text);
    await until(() => answers >= 8);
    await delay(200);
    const isClosed = socket.destroyed;
    socket.destroy();
    return { answers, isClosed };
  }

  it.each([
    ['without bodies', GET],
    ['with bodies', POST],
    ['with many headers', MANY_HEADERS],
  ])('come one per turn of the event loop, and are all answered if they are few: %s', async (_, request) => {
    expect(await send(request.repeat(8))).toEqual({ answers: 8, isClosed: false });
    expect(mostPerTurn).toBe(1);
  });

  it('come after the one before was answered', async () => {
    isAnswering = false;
    const socket = open();
    socket.write(GET.repeat(3));
    await until(() => begun.length > 0);
    await delay(100);
    expect(begun).toHaveLength(1);
    begun[0]!.end();
    await until(() => begun.length > 1);
    await delay(50);
    expect(begun).toHaveLength(2);
    socket.destroy();
  });

  it.each([
    ['without bodies', GET],
    ['with bodies', POST],
    ['with many headers', MANY_HEADERS],
  ])('do not come when there are too many; those are not even parsed: %s', async (_, request) => {
    expect(await send(request.repeat(500))).toEqual({ answers: 8, isClosed: false });
    expect(seen).toBeLessThan(20);
    expect(errors).toEqual([STOPPED_CODE]);
  });

  it('never come again over a connection where there were too many, which ends later', async () => {
    const socket = open();
    let closedAt = 0;
    socket.on('close', () => (closedAt = performance.now())).resume();
    const begunAt = performance.now();
    socket.write(GET.repeat(500));
    await until(() => begun.length >= 8);
    await delay(300);
    socket.write(GET);
    await until(() => closedAt > 0);
    expect(begun).toHaveLength(8);
    expect(closedAt - begunAt).toBeGreaterThan(4_500);
  });

  it('come at once for whoever waits for answers', async () => {
    const socket = open();
    const answer = (): Promise<unknown> => new Promise((resolve) => socket.once('data', resolve));
    for (let at = 0; at < 20; at++) {
      socket.write(GET);
      await answer();
      await nextTurn();
    }
    expect(begun).toHaveLength(20);
    socket.destroy();
  });

  it('do not come when the client has gone meanwhile', async () => {
    isAnswering = false;
    const socket = open();
    socket.write(GET.repeat(3));
    await until(() => begun.length > 0);
    await delay(100);
    socket.destroy();
    await delay(100);
    expect(begun).toHaveLength(1);
  });
});
