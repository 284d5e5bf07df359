import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SHED } from './admission/shed.js';

/** When more of what may be open than this is open, each newcomer takes the place of one that rests. */
const NEARLY_FULL = 0.9;
const SILENT_MAX = 0.5;

/** A property rather than a WeakMap, since every request looks at it. */
const UNDER_WAY = Symbol('requests under way');
type Tracked = Socket & { [UNDER_WAY]?: number };

/**
 * The connections over which nothing is under way, so that nobody keeps others out by holding many: neither by saying
 * nothing (which `closeIdleConnections` does not know) nor by asking once in a while.
 */
export class OpenConnections {
  private open = 0;
  /** No request has come yet; longest first, like the next. */
  private readonly silent = new Set<Socket>();
  /** All requests were answered. */
  private readonly idle = new Set<Socket>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => this.begin(socket));
    for (const event of ['request', 'checkContinue', 'checkExpectation'])
      server.prependListener(event, (request: IncomingMessage, response: ServerResponse) =>
        this.beginRequest(request.socket, response),
      );
  }

  closeSilent(): void {
    for (const socket of this.silent) socket.destroy();
  }

  private begin(socket: Socket): void {
    const { maxConnections } = this.server;
    this.open++;
    this.silent.add(socket);
    socket.once('close', () => {
      this.open--;
      this.silent.delete(socket);
      this.idle.delete(socket);
    });
    if (this.silent.size > maxConnections * SILENT_MAX) dropFirst(this.silent);
    else if (this.open > maxConnections * NEARLY_FULL) dropFirst(this.idle);
  }

  private beginRequest(socket: Tracked, response: ServerResponse): void {
    this.silent.delete(socket);
    this.idle.delete(socket);
    socket[UNDER_WAY] = (socket[UNDER_WAY] ?? 0) + 1;
    response.on('close', () => {
      if (--socket[UNDER_WAY]! === 0 && !socket.destroyed) this.idle.add(socket);
    });
  }
}

function dropFirst(sockets: Set<Socket>): void {
  for (const socket of sockets) {
    SHED.add('connections');
    sockets.delete(socket);
    socket.destroy();
    return;
  }
}
