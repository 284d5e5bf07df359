import { createHash, randomBytes } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import sodium from 'libsodium-wrappers-sumo';

/**
 * A Session client as far as a community server sees one: an account, signed requests, messages, HTTP. Its
 * cryptography is libsodium's WASM build, so that it shares none with the server under test.
 */

/** Await this before anything else here: the WASM has to load. */
export const sessionClientReady = (): Promise<void> => sodium.ready;

/** BLAKE2b of `size` bytes. */
export const blake2b = (size: number, data: Uint8Array): Buffer =>
  Buffer.from(sodium.crypto_generichash(size, data, null));

/** An Ed25519 seed, its 05 id, and its blinded 15 id on one server (protocol.md §1). */
export class Account {
  readonly ed25519Public: Buffer;
  readonly sessionId: string;
  readonly blindedId: string;
  private readonly secretKey: Uint8Array;
  private readonly blindedScalar: Uint8Array;
  private readonly blindedPublic: Uint8Array;

  constructor(
    readonly seed: Buffer,
    readonly serverPublicKey: Buffer,
  ) {
    const pair = sodium.crypto_sign_seed_keypair(seed);
    this.secretKey = pair.privateKey;
    this.ed25519Public = Buffer.from(pair.publicKey);
    this.sessionId = `05${hex(sodium.crypto_sign_ed25519_pk_to_curve25519(pair.publicKey))}`;
    const k = sodium.crypto_core_ed25519_scalar_reduce(blake2b(64, serverPublicKey));
    const a = sodium.crypto_sign_ed25519_sk_to_curve25519(pair.privateKey);
    this.blindedScalar = sodium.crypto_core_ed25519_scalar_mul(k, a);
    this.blindedPublic = sodium.crypto_scalarmult_ed25519_base_noclamp(this.blindedScalar);
    this.blindedId = `15${hex(this.blindedPublic)}`;
  }

  /** An account that is the same in every run. */
  static named(name: string, serverPublicKey: Buffer): Account {
    return new Account(blake2b(32, Buffer.from(`plaza test account ${name}`)), serverPublicKey);
  }

  /** Ed25519 under `ka`: the signature of the blinded id, deterministic as RFC 8032 has it. */
  signBlinded(message: Buffer): Buffer {
    const prefix = sha512(this.seed).subarray(32);
    const r = scalarOf(prefix, this.blindedPublic, message);
    const R = sodium.crypto_scalarmult_ed25519_base_noclamp(r);
    const h = scalarOf(R, this.blindedPublic, message);
    const S = sodium.crypto_core_ed25519_scalar_add(
      r,
      sodium.crypto_core_ed25519_scalar_mul(h, this.blindedScalar),
    );
    return Buffer.concat([R, S]);
  }

  /** Ed25519 under the account's own key, the signature of the 00 key. */
  signUnblinded(message: Buffer): Buffer {
    return Buffer.from(sodium.crypto_sign_detached(message, this.secretKey));
  }
}

export interface SignedCall {
  method: string;
  /** As on the wire: percent-encoded path and query. */
  target: string;
  body?: Buffer | undefined;
}

/** Replaces single parts, to build wrong requests on purpose. */
export interface AuthOverrides {
  nonce?: Buffer;
  nonceEncoding?: 'base64' | 'hex';
  /** Header text, signed as it is. */
  timestamp?: string;
  /** Sign with the 00 key. */
  unblinded?: boolean;
  /** Instead of the right one. */
  signature?: Buffer;
  /** Signed for another server. */
  serverPublicKey?: Buffer;
}

/** The four X-SOGS headers (protocol.md §2). */
export function authHeaders(
  account: Account,
  { method, target, body }: SignedCall,
  over: AuthOverrides = {},
): Record<string, string> {
  const nonce = over.nonce ?? randomBytes(16);
  const timestamp = over.timestamp ?? String(Math.floor(Date.now() / 1000));
  const message = Buffer.concat([
    over.serverPublicKey ?? account.serverPublicKey,
    nonce,
    Buffer.from(timestamp + method + signedPath(target)),
    body && body.length > 0 ? blake2b(64, body) : Buffer.alloc(0),
  ]);
  const signature = over.unblinded ? account.signUnblinded(message) : account.signBlinded(message);
  return {
    'X-SOGS-Pubkey': over.unblinded ? `00${hex(account.ed25519Public)}` : account.blindedId,
    'X-SOGS-Nonce': nonce.toString(over.nonceEncoding ?? 'base64'),
    'X-SOGS-Timestamp': timestamp,
    'X-SOGS-Signature': (over.signature ?? signature).toString('base64'),
  };
}

function signedPath(target: string): string {
  const [path = '', ...query] = target.split('?');
  const rawQuery = query.join('?');
  return decodeURIComponent(path) + (rawQuery ? `?${rawQuery}` : '');
}

export interface SessionMessageOptions {
  displayName?: string;
  timestampMs?: number;
  /** Pad to a multiple of this; 0 for no padding. */
  padTo?: number;
}

/** Serialised, padded Content{dataMessage{body, timestamp, profile{displayName}}} as clients post it. */
export function sessionMessage(text: string, options: SessionMessageOptions = {}): Buffer {
  const { displayName = 'Tester', timestampMs = 1_700_000_000_000, padTo = 160 } = options;
  const dataMessage = Buffer.concat([
    lengthDelimited(1, Buffer.from(text)),
    Buffer.concat([varint(7 << 3), varint(timestampMs)]),
    lengthDelimited(101, lengthDelimited(1, Buffer.from(displayName))),
  ]);
  const content = lengthDelimited(1, dataMessage);
  if (padTo === 0) return content;
  const padded = Buffer.alloc(Math.ceil((content.length + 1) / padTo) * padTo);
  content.copy(padded);
  padded[content.length] = 0x80;
  return padded;
}

/** `data` and `signature` of a post, signed under the blinded key unless said otherwise (protocol.md §4). */
export function signedMessage(account: Account, data: Buffer, over: { unblinded?: boolean } = {}) {
  const signature = over.unblinded ? account.signUnblinded(data) : account.signBlinded(data);
  return { data: data.toString('base64'), signature: signature.toString('base64') };
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const agent = new Agent({ keepAlive: false });
const HTTP_TIMEOUT_MS = 45_000;

/** One HTTP request; `base` is `http://host:port`, `target` goes on the wire as given. */
export function http(
  base: string,
  { method, target, body }: SignedCall,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  const length: Record<string, string> = body ? { 'Content-Length': String(body.length) } : {};
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: hostname,
        port,
        method,
        path: target,
        agent,
        timeout: HTTP_TIMEOUT_MS,
        headers: { ...headers, ...length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${target}`)));
    request.on('error', reject);
    request.end(body);
  });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha512 = (...parts: Uint8Array[]): Buffer => createHash('sha512').update(Buffer.concat(parts)).digest();
const scalarOf = (...parts: Uint8Array[]): Uint8Array =>
  sodium.crypto_core_ed25519_scalar_reduce(sha512(...parts));

const lengthDelimited = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const more = rest > 127n ? 128 : 0;
    bytes.push(Number(rest & 127n) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
