import { decodeHex } from '../protocol/encodings.js';
import { badRequest, type WireError } from '../protocol/errors.js';
import { parseJson } from '../protocol/json.js';
import { ONION_CONTROL_BYTES_MAX } from '../protocol/limits.js';
import { asJsonObject } from './inner-request.js';
import { schemeOf, type OnionScheme } from './onion-cipher.js';

/** The outside of an onion request: what a storage server posts (protocol.md §10). */
export interface OnionEnvelope {
  /** nonce ‖ ciphertext ‖ tag; a view of the input. */
  ciphertext: Buffer;
  /** `A`, the client's one-time X25519 public key, 32 bytes. */
  ephemeralKey: Buffer;
  scheme: OnionScheme;
}

const LENGTH_BYTES = 4;
const EPHEMERAL_KEY_HEX_DIGITS = 64;
/** The control part is a flat object; what else storage servers put there may nest a little. */
const CONTROL_DEPTH_MAX = 8;

/** A refusal of the envelope itself: it cannot be answered encrypted, so it is the HTTP answer. */
export const undecryptable = (why: string): WireError => badRequest(`Invalid onion request: ${why}`);

/**
 * Takes `[u32le N] ‖ ciphertext (N bytes) ‖ JSON` apart. Throws a 400 WireError when it is too short, N lies, the
 * JSON is malformed or longer than {@link ONION_CONTROL_BYTES_MAX}, the key is not 64 hex digits, or the scheme is
 * unknown. Members of the JSON that are not ours to know are ignored.
 */
export function parseEnvelope(envelope: Buffer): OnionEnvelope {
  if (envelope.length < LENGTH_BYTES) throw undecryptable('too short');
  const controlAt = LENGTH_BYTES + envelope.readUInt32LE(0);
  if (controlAt >= envelope.length) throw undecryptable('the ciphertext length is wrong');
  if (envelope.length - controlAt > ONION_CONTROL_BYTES_MAX) throw undecryptable('the JSON part is too long');
  const control = readControl(envelope.subarray(controlAt));
  return { ciphertext: envelope.subarray(LENGTH_BYTES, controlAt), ...control };
}

function readControl(bytes: Buffer): Pick<OnionEnvelope, 'ephemeralKey' | 'scheme'> {
  const control = asJsonObject(parseControlJson(bytes));
  if (!control) throw undecryptable('the JSON part is not an object');
  const keyHex = control['ephemeral_key'];
  const ephemeralKey =
    typeof keyHex === 'string' && keyHex.length === EPHEMERAL_KEY_HEX_DIGITS ? decodeHex(keyHex) : undefined;
  if (!ephemeralKey) throw undecryptable('ephemeral_key must be 64 hex digits');
  const scheme = schemeOf(control['enc_type']);
  if (!scheme) throw undecryptable('unknown enc_type');
  return { ephemeralKey, scheme };
}

function parseControlJson(bytes: Buffer): unknown {
  try {
    return parseJson(bytes, CONTROL_DEPTH_MAX);
  } catch {
    throw undecryptable('the JSON part is malformed');
  }
}
