import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NetworkPipe } from '../support/faults/network-pipe.js';
import { until } from '../support/until.js';

const SOON_MS = 200;
const UNTIL_MS = 20_000;
let echo: Server;
let pipe: NetworkPipe;
let heard: Socket[];

/** Says again what it hears. */
function startEcho(at: { port: number; host: string } | { path: string }): Promise<Server> {
  heard = [];
  const server = createServer((socket) => {
    heard.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  return new Promise((resolve) => server.listen(at, () => resolve(server)));
}

beforeEach(async () => {
  echo = await startEcho({ port: 0, host: '127.0.0.1' });
  pipe = await NetworkPipe.start({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(() => {
  pipe.stop();
  echo.close();
});

/** A connection through the pipe with everything that came back over it. */
async function dial(through: NetworkPipe = pipe): Promise<{ socket: Socket; got: () => string }> {
  const socket = connect({ host: '127.0.0.1', port: through.port });
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  await soon(() => socket.readyState === 'open' || socket.destroyed);
  return { socket, got: () => text };
}

const soon = (isSo: () => boolean): Promise<void> => until(isSo, UNTIL_MS);

describe('a network pipe', () => {
  it('carries bytes both ways, many of them and whole', async () => {
    const { socket, got } = await dial();
    const sent = Buffer.alloc(3_000_000, 'abcdefg').toString();
    socket.write(sent);
    await soon(() => got().length === sent.length);
    expect(got() === sent).toBe(true);
  });

  it('that stalls keeps everything back, and loses nothing', async () => {
    const { socket, got } = await dial();
    socket.write('one ');
    await soon(() => got() === 'one ');
    pipe.stall();
    socket.write('two ');
    await delay(SOON_MS);
    expect(got()).toBe('one ');
    pipe.flow();
    socket.write('three');
    await soon(() => got() === 'one two three');
  });

  it('that stalls lets in whom the other end hears of later', async () => {
    pipe.stall();
    const { socket, got } = await dial();
    socket.write('hello');
    await delay(SOON_MS);
    expect([socket.readyState, heard.length]).toEqual(['open', 0]);
    pipe.flow();
    await soon(() => got() === 'hello');
  });

  it('that stalls hides also that somebody hung up', async () => {
    const { socket } = await dial();
    await soon(() => heard.length === 1);
    pipe.stall();
    let isClosed = false;
    socket.on('close', () => (isClosed = true));
    heard[0]!.destroy();
    await delay(SOON_MS);
    expect(isClosed).toBe(false);
    pipe.flow();
    await soon(() => isClosed);
  });

  it('that is cut breaks what there is at both ends, and lets nobody in until it is whole again', async () => {
    const before = await dial();
    await soon(() => heard.length === 1);
    pipe.cut();
    await soon(() => before.socket.destroyed && heard[0]!.destroyed);
    const meanwhile = await dial();
    await soon(() => meanwhile.socket.destroyed);
    expect(heard).toHaveLength(1);
    pipe.flow();
    const after = await dial();
    after.socket.write('again');
    await soon(() => after.got() === 'again');
  });

  it('leads to a socket in a folder as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plaza-pipe-'));
    const path = join(folder, 'socket');
    const local = await startEcho({ path });
    const leading = await NetworkPipe.start({ path });
    const { socket, got } = await dial(leading);
    socket.write('hello');
    await soon(() => got() === 'hello');
    leading.stop();
    local.close();
    rmSync(folder, { recursive: true });
  });
});
