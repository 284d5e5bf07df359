import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkerHealth } from './kept-worker.js';

const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 100;

/** `/health/live` and `/health/ready` of a worker apart, with the same answers as the server's. */
export class HealthEndpoint {
  private constructor(private readonly server: Server) {}

  /** Port 0: any free one. */
  static async listen(
    { host, port }: { host: string; port: number },
    health: () => WorkerHealth,
  ): Promise<HealthEndpoint> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      const [status, answer] = answerTo(request.method, request.url, health);
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(answer));
    });
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new HealthEndpoint(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function answerTo(
  method: string | undefined,
  url: string | undefined,
  health: () => WorkerHealth,
): [status: number, answer: object] {
  const path = url?.split('?')[0];
  if (path !== '/health/live' && path !== '/health/ready') return [404, { status: 'not found' }];
  if (method !== 'GET' && method !== 'HEAD') return [405, { status: 'method not allowed' }];
  if (path === '/health/live') return [200, { status: 'ok' }];
  const answer = health();
  return [answer.status === 'ready' ? 200 : 503, answer];
}
