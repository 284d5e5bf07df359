import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-addresses.js';
import { webhookUrlProblem } from './webhook-url.js';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 1_024;
const EXCERPT_LENGTH_MAX = 200;

/** What became of one attempt. */
export interface Attempt {
  /** The receiver took it: any 2xx. */
  ok: boolean;
  /** Undefined when there was no answer. */
  status: number | undefined;
  /** The beginning of the answer, or why there was none. */
  outcome: string;
  durationMs: number;
}

/** All addresses of a name; a test puts its own in place. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

const resolveName: Resolve = (hostname) =>
  new Promise((resolve, reject) =>
    dnsLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  );

/**
 * Sends to addresses that strangers may have chosen. A name is resolved once, all it leads to is checked, and the
 * connection goes to what was checked; redirects are not followed; time and what is read of the answer are bounded.
 */
export class WebhookSender {
  private readonly privateAddresses: boolean;
  private readonly resolve: Resolve;
  private readonly timeoutMs: number;

  constructor(options: { privateAddresses: boolean; resolve?: Resolve; timeoutMs?: number }) {
    this.privateAddresses = options.privateAddresses;
    this.resolve = options.resolve ?? resolveName;
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Never throws but for `signal`, which ends it without a result. */
  async send(
    address: string,
    { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
    signal?: AbortSignal,
  ): Promise<Attempt> {
    const begin = performance.now();
    const took = (): number => Math.round(performance.now() - begin);
    const timeout = AbortSignal.timeout(this.timeoutMs);
    try {
      const problem = webhookUrlProblem(address, { privateAddresses: this.privateAddresses });
      if (problem !== undefined) throw new Error(`not sent: ${problem}`);
      const answer = await this.request(new URL(address), headers, body, join(timeout, signal));
      const outcome = await beginningOf(answer);
      const status = answer.statusCode ?? 0;
      const isRedirect = status >= 300 && status < 400;
      return {
        ok: status >= 200 && status < 300,
        status,
        outcome: isRedirect ? 'redirects are not followed' : outcome,
        durationMs: took(),
      };
    } catch (error) {
      signal?.throwIfAborted();
      const outcome = timeout.aborted ? `no answer within ${this.timeoutMs / 1000} s` : reasonOf(error);
      return { ok: false, status: undefined, outcome, durationMs: took() };
    }
  }

  private request(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const bytes = Buffer.from(body);
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length, connection: 'close' },
        agent: false,
        lookup: this.lookup,
        signal,
      });
      sent.once('response', resolve);
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** For the connection, which goes to nothing else than what this answers. */
  private readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname).then(
      (addresses) => {
        const usable = addresses.filter(({ family }) => !options.family || family === options.family);
        const [first] = usable;
        if (!first) return callback(new Error('the name leads nowhere'), []);
        // One of them is enough: whoever mixes them wants to be let through at the second look.
        if (!this.privateAddresses && !addresses.every(({ address }) => isPublicAddress(address)))
          return callback(
            new Error('not sent: the name leads to an address that is not on the Internet'),
            [],
          );
        if (options.all) callback(null, usable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

const join = (timeout: AbortSignal, signal: AbortSignal | undefined): AbortSignal =>
  signal ? AbortSignal.any([timeout, signal]) : timeout;

/** The first bytes of an answer in a line; the rest is not read. */
async function beginningOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= ANSWER_BYTES_MAX) break; // which closes the connection
  }
  return inALine(Buffer.concat(parts).subarray(0, ANSWER_BYTES_MAX).toString());
}

const inALine = (text: string): string =>
  text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, EXCERPT_LENGTH_MAX);

/** In words without addresses, which are the operator's own affair. */
function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  return inALine(code ?? errors?.[0]?.code ?? message);
}
