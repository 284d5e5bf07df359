import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What arrived, and is as it says it is. */
export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
  json: any;
}

type Answer = { status: number; headers?: Record<string, string>; body?: string };

/** A bot's own endpoint on this machine. Whoever opens one closes it. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** What it answers, from now on. */
  answer: Answer = { status: 204 };
  /** Answers once, before {@link answer}. */
  readonly first: Answer[] = [];
  /** Does not answer at all. */
  silent = false;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const text = Buffer.concat(parts).toString();
        receiver.received.push({ headers: request.headers, text, json: JSON.parse(text) });
        if (receiver.silent) return;
        const { status, headers, body } = receiver.first.shift() ?? receiver.answer;
        response.writeHead(status, headers).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Names of events, in the order in which they came. */
  get events(): string[] {
    return this.received.map(({ json }) => json.event as string);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** As docs/webhooks.md tells a receiver to do it: how many of the signatures are made with this secret. */
export function signaturesOf({ headers, text }: Received, secret: string): number {
  const parts = String(headers['plaza-signature'])
    .split(',')
    .map((part) => part.split('='));
  const time = parts.find(([name]) => name === 't')![1];
  const expected = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
  return parts.filter(([name, value]) => name === 'v1' && value === expected).length;
}
