import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/**
 * A piece of network between two programs: a TCP port here that leads to `to`. It can stall, so that neither side hears
 * anything and nothing is lost, and be cut, so that connections break and none can be made.
 */
export class NetworkPipe {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Came while it stalled; the other end does not know of them yet. */
  private readonly waiting: Socket[] = [];
  /** Ends of connections that happened while it stalled, for the other side to hear of. */
  private readonly ends: (() => void)[] = [];
  private state: 'flowing' | 'stalled' | 'cut' = 'flowing';

  private constructor(private readonly to: NetConnectOpts) {
    this.server = createServer({ pauseOnConnect: true }, (near) => this.take(near));
  }

  static async start(to: NetConnectOpts): Promise<NetworkPipe> {
    const pipe = new NetworkPipe(to);
    await new Promise<void>((resolve) => pipe.server.listen(0, '127.0.0.1', resolve));
    return pipe;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stall(): void {
    this.state = 'stalled';
    for (const socket of this.sockets) socket.pause();
  }

  cut(): void {
    this.state = 'cut';
    this.ends.length = 0;
    for (const socket of [...this.sockets, ...this.waiting.splice(0)]) breakOff(socket);
  }

  /** What was kept back goes on its way. */
  flow(): void {
    this.state = 'flowing';
    for (const socket of this.sockets) socket.resume();
    for (const end of this.ends.splice(0)) end();
    for (const near of this.waiting.splice(0)) this.join(near);
  }

  stop(): void {
    this.cut();
    this.server.close();
  }

  private take(near: Socket): void {
    near.on('error', () => undefined);
    if (this.state === 'cut') breakOff(near);
    else if (this.state === 'stalled') this.waiting.push(near);
    else this.join(near);
  }

  private join(near: Socket): void {
    if (near.destroyed) return;
    const far = connect({ ...this.to, allowHalfOpen: true });
    this.forward(near, far);
    this.forward(far, near);
    near.resume();
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => this.state === 'flowing' && from.resume());
    from.on('error', () => undefined); // comes before "close"
    from.on('end', () => this.pass(() => to.end()));
    from.on('close', (hadError) => {
      this.sockets.delete(from);
      this.pass(() => (hadError ? breakOff(to) : to.end()));
    });
  }

  private pass(end: () => void): void {
    if (this.state === 'stalled') this.ends.push(end);
    else end();
  }
}

/** As a machine does that knows nothing of the connection; local sockets can only be closed. */
function breakOff(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
