import { Agent, request as httpRequest } from 'node:http';
import fc, { type Arbitrary } from 'fast-check';
import { onionRequest } from '../support/onion-client.js';
import { signed, type Community } from '../support/plaza-calls.js';
import type { Account, HttpAnswer } from '../support/session-client.js';
import { bodyFor, type KnownThings } from './hostile-bodies.js';
import { hostileTarget, hostileText, wellFormed } from './hostile-values.js';

/** Requests that are HTTP, and nothing else is right about them but by chance. */

export interface HostileCall {
  method: string;
  target: string;
  body: Buffer | undefined;
  headers: Record<string, string>;
  /** By whom; of the accounts given, in their order. */
  by: number;
  carrier: 'http' | 'batch' | 'onion v4' | 'onion v3';
}

export interface Endpoint {
  method: string;
  /** With places in braces. */
  path: string;
}

export interface Targets {
  endpoints: readonly Endpoint[];
  known: KnownThings;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH'];
const CARRIERS = ['http', 'http', 'batch', 'onion v4', 'onion v3'] as const;
const HEADERS =
  'content-disposition x-sogs-nonce x-sogs-pubkey content-type cookie authorization if-match if-none-match idempotency-key range x-forwarded-for accept'.split(
    ' ',
  );

/** By one of `accounts`, whose number is one less than `by` can be: the last is nobody. */
export function hostileCalls(
  { endpoints, known }: Targets,
  accounts: readonly Account[],
): Arbitrary<HostileCall> {
  const anything = fc.record({
    method: fc.constantFrom(...METHODS),
    target: hostileTarget(
      endpoints.map(({ path }) => path),
      Object.values(known).flat(),
    ),
  });
  const nearly = fc.constantFrom(...endpoints).chain(({ method, path }) =>
    fc.record({
      method: fc.oneof({ weight: 9, arbitrary: fc.constant(method) }, fc.constantFrom(...METHODS)),
      target: fc.tuple(filled(path, known), fc.oneof(fc.constant(''), query)).map((parts) => parts.join('')),
    }),
  );
  const headerValue = hostileText.map((text) =>
    text
      .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
      .slice(0, 4_000)
      .trim(),
  );
  return fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: nearly }, { weight: 1, arbitrary: anything }),
      fc.nat(accounts.length),
    )
    .chain(([call, by]) =>
      fc.record({
        method: fc.constant(call.method),
        target: fc.constant(sendable(call.target)),
        by: fc.constant(by),
        body: bodyFor(call.target, accounts[by] ?? accounts[0]!, known),
        headers: fc.oneof(
          { weight: 4, arbitrary: fc.constant({}) },
          fc.dictionary(fc.constantFrom(...HEADERS), headerValue, { maxKeys: 2 }),
        ),
        carrier: fc.constantFrom(...CARRIERS),
      }),
    );
}

/** A value of its kind for each place, most of the time. */
function filled(path: string, known: KnownThings): Arbitrary<string> {
  const parts = path.split(/(\{[^}]+\})/);
  return fc
    .tuple(
      ...parts.map((part) => {
        if (!part.startsWith('{')) return fc.constant(part);
        const right = known[part.slice(1, -1)] ?? ['1'];
        return fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...right) },
          { weight: 1, arbitrary: hostileText.map((text) => encodeURIComponent(wellFormed(text))) },
        );
      }),
    )
    .map((values) => values.join(''));
}

const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'limit',
        'reactors',
        't',
        'required',
        'room',
        'cursor',
        'q',
        'from',
        'until',
        'token',
        'text',
      ),
      fc.oneof(fc.constantFrom('1', '0', '-1', 'r', '256', '1e3', 'lobby'), hostileText),
    ),
    { maxLength: 4 },
  )
  .map(
    (pairs) =>
      `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(value))}`).join('&')}`,
  );

/** Node sends only these in a request line. */
const sendable = (target: string): string =>
  wellFormed(target.startsWith('/') ? target : `/${target}`)
    .replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
    .slice(0, 8_000);

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const ANSWER_TIMEOUT_MS = 45_000;

/** Sends it in its carrier; the status inside, of what could not be wrapped the status outside. */
export async function sendHostile(
  at: Community,
  call: HostileCall,
  accounts: readonly Account[],
): Promise<number> {
  const { method, target, carrier } = call;
  const body = method === 'GET' || method === 'HEAD' ? undefined : call.body;
  const account = accounts[call.by];
  if (carrier === 'batch')
    return batchStatus(at, account, [
      { method, path: target, ...(body && { b64: body.toString('base64') }) },
    ]);
  if (carrier === 'http') {
    const { headers } = signed(account, method, decodable(target), {
      ...(body && { body }),
      headers: call.headers,
    });
    return (await send(at, { method, target, headers, body })).status;
  }
  const version = carrier === 'onion v4' ? 4 : 3;
  const { headers } = signed(account, method, decodable(target), {
    ...(body && { body }),
    headers: call.headers,
  });
  const onion = onionRequest(at.publicKey, { version, method, endpoint: target, headers, body });
  const outer = await send(at, { method: 'POST', target: onion.path, headers: {}, body: onion.bytes });
  if (outer.status !== 200) return outer.status;
  if (version === 4) return onion.readAnswer(outer.body).status;
  const inside = onion.openAnswer(outer.body).toString();
  return Number(/^\{"status_code":(\d+)\}$/.exec(inside)?.[1] ?? 200);
}

/** The client's signature needs a path that can be decoded; of others any will do. */
function decodable(target: string): string {
  try {
    decodeURIComponent(target.split('?')[0]!);
    return target;
  } catch {
    return '/';
  }
}

async function batchStatus(at: Community, account: Account | undefined, parts: unknown[]): Promise<number> {
  const body = Buffer.from(JSON.stringify(parts));
  const { headers } = signed(account, 'POST', '/batch', { body });
  const answer = await send(at, { method: 'POST', target: '/batch', headers, body });
  if (answer.status !== 200) return answer.status;
  return Math.max(...(JSON.parse(answer.body.toString()) as { code: number }[]).map(({ code }) => code));
}

interface Sent {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** Over a connection that others use too, unlike `http`: there are thousands of them. */
function send({ base }: Community, { method, target, headers, body }: Sent): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  const length: Record<string, string> = body ? { 'Content-Length': String(body.length) } : {};
  return new Promise((resolve, reject) => {
    const options = { host: hostname, port, method, path: target, agent, headers: { ...headers, ...length } };
    const request = httpRequest({ ...options, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      // Nobody waits for the end of a stream of events.
      if (response.headers['content-type']?.startsWith('text/event-stream')) response.destroy();
      response.on('close', () =>
        resolve({ status: response.statusCode ?? 0, headers: {}, body: Buffer.alloc(0) }),
      );
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${target}`)));
    request.on('error', reject);
    request.end(body);
  });
}

export const closeConnections = (): void => agent.destroy();
