import type { CryptoBackend } from '../crypto/crypto-backend.js';
import type { WireRequest } from '../protocol/wire.js';

/** What of a request goes under the signature; a {@link WireRequest} is one. */
export type SignedRequest = Pick<WireRequest, 'method' | 'path' | 'rawQuery' | 'body'>;

export interface SignedBytesInput {
  /** `B`, 32 bytes: a signature for one server is worth nothing on another. */
  serverPublicKey: Buffer;
  /** 16 bytes. */
  nonce: Buffer;
  /** Exactly as written in the header. */
  timestamp: string;
  request: SignedRequest;
}

/**
 * The message under `X-SOGS-Signature` (protocol.md §2):
 * `B ‖ nonce ‖ ascii(timestamp) ‖ METHOD ‖ PATH ‖ (H64(body) if the body is not empty)`, where PATH is the
 * decoded path in UTF-8 and, if there is a non-empty query, `?` and the query as it was sent.
 */
export function signedBytes(crypto: CryptoBackend, input: SignedBytesInput): Buffer {
  const { serverPublicKey, nonce, timestamp, request } = input;
  const query = request.rawQuery === '' ? '' : `?${request.rawQuery}`;
  const parts = [serverPublicKey, nonce, Buffer.from(timestamp + request.method + request.path + query)];
  if (request.body.length > 0) parts.push(crypto.blake2b(64, request.body));
  return Buffer.concat(parts);
}
