import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 100;
const JSON_TYPE = 'application/json';

export interface PlainAnswer {
  status: number;
  contentType?: string;
  /** Text as it is, anything else as JSON. */
  body: string | object;
}

/** What is at each path. */
export type PlainPages = Readonly<Record<string, () => PlainAnswer | Promise<PlainAnswer>>>;

/** A small HTTP server for machines (health checks, metrics), apart from the one that clients use. */
export class PlainEndpoint {
  private constructor(private readonly server: Server) {}

  /** Port 0: any free one. Rejects when the port is taken. */
  static async listen(
    { host, port }: { host: string; port: number },
    pages: PlainPages,
  ): Promise<PlainEndpoint> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, async (request, response) => {
      const { status, contentType = JSON_TYPE, body } = await answerTo(request.method, request.url, pages);
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.end(request.method === 'HEAD' ? undefined : text);
    });
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new PlainEndpoint(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function answerTo(
  method: string | undefined,
  url: string | undefined,
  pages: PlainPages,
): Promise<PlainAnswer> {
  const path = url?.split('?')[0] ?? '';
  if (!Object.hasOwn(pages, path)) return { status: 404, body: { status: 'not found' } };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { status: 'method not allowed' } };
  try {
    return await pages[path]!();
  } catch {
    return { status: 500, body: { status: 'failed' } };
  }
}
