import sodium from 'libsodium-wrappers-sumo';
import { blake2b, type Account } from './session-client.js';

const NONCE_BYTES = 24;
const KEY_BYTES = 32;

export interface OpenedDirectMessage {
  /** With its padding. */
  content: Buffer;
  /** The sender's Ed25519 key, as the message says. */
  senderKey: Buffer;
}

/** What a client makes of a direct message to `recipient` (protocol.md §7.1). Throws when it is not what it says. */
export function openDirectMessage(recipient: Account, sender: string, message: Buffer): OpenedDirectMessage {
  if (message[0] !== 0) throw new Error(`a direct message of version ${message[0]}`);
  const kA = keyOf(sender);
  const kB = keyOf(recipient.blindedId);
  const pair = sodium.crypto_sign_seed_keypair(recipient.seed);
  const b = sodium.crypto_sign_ed25519_sk_to_curve25519(pair.privateKey);
  const shared = sodium.crypto_scalarmult_ed25519_noclamp(b, kA);
  const key = blake2b(KEY_BYTES, Buffer.concat([shared, kA, kB]));
  const opened = Buffer.from(
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      message.subarray(1, -NONCE_BYTES),
      null,
      message.subarray(-NONCE_BYTES),
      key,
    ),
  );
  const senderKey = opened.subarray(-KEY_BYTES);
  const k = sodium.crypto_core_ed25519_scalar_reduce(blake2b(64, recipient.serverPublicKey));
  const blinded = Buffer.from(sodium.crypto_scalarmult_ed25519_noclamp(k, senderKey));
  // Of a point and its negative only the top bit differs.
  blinded[31]! &= 0x7f;
  const claimed = Buffer.from(kA);
  claimed[31]! &= 0x7f;
  if (!blinded.equals(claimed)) throw new Error('the sender is somebody else');
  return { content: opened.subarray(0, -KEY_BYTES), senderKey };
}

const keyOf = (sessionId: string): Buffer => Buffer.from(sessionId.slice(2), 'hex');
