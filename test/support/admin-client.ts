import { get, type ClientRequest } from 'node:http';
import type { PlazaProcess } from './plaza-process.js';

export interface AdminAnswer {
  status: number;
  headers: Headers;
  /** Undefined where the answer is none. */
  json: any;
  text: string;
}

export interface AdminCall {
  json?: unknown;
  body?: Buffer;
  headers?: Record<string, string>;
}

/** Somebody who uses the admin API. */
export class AdminClient {
  constructor(
    private readonly base: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  static withToken(base: string, token: string): AdminClient {
    return new AdminClient(base, { authorization: `Bearer ${token}` });
  }

  /** With headers beside its own. */
  with(headers: Record<string, string>): AdminClient {
    return new AdminClient(this.base, { ...this.headers, ...headers });
  }

  async ask(
    method: string,
    path: string,
    { json, body, headers = {} }: AdminCall = {},
  ): Promise<AdminAnswer> {
    const bytes = json === undefined ? body : Buffer.from(JSON.stringify(json));
    const answer = await fetch(`${this.base}/admin/v1${path}`, {
      method,
      headers: { ...this.headers, ...headers },
      ...(bytes && { body: new Uint8Array(bytes) }),
    });
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    if (isStream) await answer.body?.cancel();
    const text = isStream ? '' : await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** Somebody with a token of their own, which this one may make. */
  async appoint(name: string, role: 'viewer' | 'moderator' | 'admin', room?: string): Promise<AdminClient> {
    const { json } = await this.post('/tokens', { name, role, ...(room !== undefined && { rooms: [room] }) });
    return AdminClient.withToken(this.base, json.token);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    return this.ask('GET', path, { headers });
  }

  post(path: string, json: unknown, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    return this.ask('POST', path, { json, headers });
  }

  /** Opens the stream of events, over a connection of its own; `told` is all that has come so far. */
  listen(): Promise<{ request: ClientRequest; told(): string }> {
    return new Promise((resolve, reject) => {
      const request = get(
        `${this.base}/admin/v1/events`,
        { headers: this.headers, agent: false },
        (response) => {
          let told = '';
          response.setEncoding('utf8').on('data', (piece: string) => (told += piece));
          response.on('error', () => undefined); // it is destroyed in the end
          resolve({ request, told: () => told });
        },
      );
      request.on('error', reject);
    });
  }

  /** Reads a resource and changes it as it was read. */
  async patch(path: string, json: unknown): Promise<AdminAnswer> {
    const etag = (await this.get(path)).headers.get('etag')!;
    return this.ask('PATCH', path, { json, headers: { 'if-match': etag } });
  }
}

/** `plaza token create`, and a client with what it prints. */
export async function adminWith(server: PlazaProcess, ...options: string[]): Promise<AdminClient> {
  const made = await server.plaza('token', 'create', ...options);
  const token = made.stdout.trim();
  if (!/^plz_\S+$/.test(token)) throw new Error(`no token was made: ${made.stdout}${made.stderr}`);
  return AdminClient.withToken(server.base, token);
}

/** What a browser keeps of an answer, as it sends it back. */
export function cookiesOf({ headers }: AdminAnswer): Record<string, string> {
  return Object.fromEntries(
    headers.getSetCookie().map((cookie) => cookie.split(';')[0]!.split('=') as [string, string]),
  );
}
