import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

const LOOK_EVERY_MS = 200;

/**
 * Hands requests around among servers, over connections that are kept, as an Ingress does. It never sends one twice:
 * what a server does not answer, the client sees as 502. A server that says it is not ready gets no more of them.
 */
export class Balancer {
  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });
  private turn = 0;
  private readonly notReady = new Set<number>();
  private readonly beingAsked = new Set<number>();
  private readonly looking: NodeJS.Timeout;
  /** Requests that a server did not answer, with the reason. */
  readonly lost: string[] = [];
  /** Requests by port of the server. */
  readonly served = new Map<number, number>();

  private constructor(private ports: readonly number[]) {
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
    this.looking = setInterval(() => this.ports.forEach((port) => void this.look(port)), LOOK_EVERY_MS);
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await new Promise<void>((resolve) => balancer.server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on these get the requests. */
  use(...ports: number[]): void {
    this.ports = ports;
  }

  /** What it said last. */
  isReady(port: number): boolean {
    return !this.notReady.has(port);
  }

  stop(): void {
    clearInterval(this.looking);
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  /** One that does not answer at all is for requests to find out. */
  private async look(port: number): Promise<void> {
    if (this.beingAsked.has(port)) return; // an answer that is late must not undo a newer one
    this.beingAsked.add(port);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    this.beingAsked.delete(port);
    if (answer?.status === 200) this.notReady.delete(port);
    else if (answer) this.notReady.add(port);
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const ready = this.ports.filter((each) => this.isReady(each));
    const able = ready.length > 0 ? ready : this.ports;
    const port = able[this.turn++ % able.length]!;
    const { method, url, headers } = incoming;
    const asked = request(
      { host: '127.0.0.1', port, method, path: url, headers, agent: this.agent },
      (answer) => {
        this.served.set(port, (this.served.get(port) ?? 0) + 1);
        const { connection: _, ...passed } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, passed);
        answer.pipe(outgoing);
      },
    );
    asked.on('error', (error) => {
      this.lost.push(error.message);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502, { 'content-length': '0' }).end();
    });
    incoming.pipe(asked);
  }
}
