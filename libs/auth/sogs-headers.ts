import { decodeHexOrBase64 } from '../protocol/encodings.js';
import { badRequest } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import type { WireRequest } from '../protocol/wire.js';
import type { IdentityKeys } from './identity-keys.js';

/** The four headers, decoded, after checks 1–9 of protocol.md §2. */
export interface SogsHeaders {
  /** Whom the request claims to be from: `15…`, or `05…` for a 00 key. */
  sessionId: SessionId;
  blinded: boolean;
  /** The Ed25519 key to verify with, 32 bytes. */
  publicKey: Buffer;
  /** 16 bytes. */
  nonce: Buffer;
  /** 64 bytes. */
  signature: Buffer;
  /** As written: this is what is signed. */
  timestamp: string;
  /** The same as a number; infinite for an absurd one. */
  timestampSeconds: number;
}

const NONCE_BYTES = 16;
const SIGNATURE_BYTES = 64;
const TIMESTAMP = /^-?[0-9]+$/;

/**
 * Reads the X-SOGS headers (names in lower case). Undefined when none is there: an anonymous request. Throws the
 * protocol's 400 of the first of checks 2–9 that fails, word for word: clients read the texts.
 */
export function readSogsHeaders(
  headers: WireRequest['headers'],
  rules: { keys: IdentityKeys; blindingRequired: boolean },
): SogsHeaders | undefined {
  const pubkey = headers['x-sogs-pubkey'];
  const nonce = headers['x-sogs-nonce'];
  const timestamp = headers['x-sogs-timestamp'];
  const signature = headers['x-sogs-signature'];
  if (!pubkey || !nonce || !timestamp || !signature) {
    const missing = [pubkey, nonce, timestamp, signature].filter((value) => !value).length;
    if (missing === 4) return undefined;
    throw badRequest(`Invalid authentication headers: missing ${missing}/4 required X-SOGS-* headers`);
  }
  return {
    ...readPubkey(pubkey, rules),
    nonce: readNonce(nonce),
    signature: readSignature(signature),
    ...readTimestamp(timestamp),
  };
}

/** Checks 3–6. */
function readPubkey(
  text: string,
  rules: { keys: IdentityKeys; blindingRequired: boolean },
): Pick<SogsHeaders, 'sessionId' | 'blinded' | 'publicKey'> {
  const key = rules.keys.read(text);
  if (!key) throw badRequest('Invalid authentication: X-SOGS-Pubkey is not a valid 66-hex digit id');
  const { prefix, publicKey, sessionId } = key;
  if (!prefix) throw badRequest('Invalid authentication: X-SOGS-Pubkey must be 00- or 15- prefixed');
  if (!sessionId) {
    throw badRequest('Invalid authentication: given X-SOGS-Pubkey is not a valid Ed25519 pubkey');
  }
  const blinded = prefix === '15';
  if (rules.blindingRequired && !blinded) {
    throw badRequest('Invalid authentication: this server requires the use of blinded ids');
  }
  return { sessionId, blinded, publicKey };
}

/** Check 7. */
function readNonce(text: string): Buffer {
  const nonce = decodeHexOrBase64(text, NONCE_BYTES);
  if (nonce) return nonce;
  throw badRequest('Invalid authentication: X-SOGS-Nonce must be 16 bytes (encoded as base64 or hex)');
}

/** Check 8. */
function readSignature(text: string): Buffer {
  const signature = decodeHexOrBase64(text, SIGNATURE_BYTES);
  if (signature) return signature;
  throw badRequest('Invalid authentication: X-SOGS-Signature is not base64[88]');
}

/** Check 9. Whether the time is near enough is check 10 and needs a clock. */
function readTimestamp(timestamp: string): Pick<SogsHeaders, 'timestamp' | 'timestampSeconds'> {
  if (!TIMESTAMP.test(timestamp)) {
    throw badRequest('Invalid authentication: X-SOGS-Timestamp is not a valid timestamp');
  }
  return { timestamp, timestampSeconds: Number(timestamp) };
}
