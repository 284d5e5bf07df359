import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { blake2b } from './session-client.js';

/** The client's side of onion requests (protocol.md §10); await `sessionClientReady()` before. */

/** `default` leaves `enc_type` out, which means AES-GCM. */
export type OnionScheme = 'default' | 'aes-gcm' | 'gcm' | 'xchacha20' | 'xchacha20-poly1305';

export interface OnionCall {
  version?: 3 | 4;
  scheme?: OnionScheme;
  method: string;
  endpoint: string;
  headers?: Record<string, string>;
  body?: Buffer | undefined;
}

export interface OnionAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export interface SealedOnion {
  /** What to POST. */
  bytes: Buffer;
  /** Where to. */
  path: string;
  /** Decrypts the HTTP body of the answer; for v3 that is everything there is. */
  openAnswer(httpBody: Buffer): Buffer;
  /** The same for v4, taken apart. */
  readAnswer(httpBody: Buffer): OnionAnswer;
}

/** A well-formed onion request. */
export function onionRequest(serverPublicKey: Buffer, call: OnionCall): SealedOnion {
  const { version = 4, scheme = 'xchacha20', method, endpoint, headers = {}, body } = call;
  const withBody = body !== undefined && body.length > 0;
  const plaintext =
    version === 4
      ? byteStrings(JSON.stringify({ endpoint, method, headers }), ...(withBody ? [body] : []))
      : Buffer.from(
          JSON.stringify({ endpoint, method, headers, ...(withBody ? { body: body.toString() } : {}) }),
        );
  return sealOnion(serverPublicKey, plaintext, { version, scheme });
}

/** Any plaintext in an envelope, to build wrong requests on purpose. */
export function sealOnion(
  serverPublicKey: Buffer,
  plaintext: Buffer,
  { version = 4, scheme = 'xchacha20' }: { version?: 3 | 4; scheme?: OnionScheme } = {},
): SealedOnion {
  const ephemeral = sodium.crypto_box_keypair();
  const shared = sodium.crypto_scalarmult(ephemeral.privateKey, serverPublicKey);
  const xchacha = scheme.startsWith('xchacha20');
  const key = xchacha
    ? blake2b(32, Buffer.concat([shared, ephemeral.publicKey, serverPublicKey]))
    : createHmac('sha256', 'LOKI').update(shared).digest();
  const path = `/oxen/v${version}/lsrpc`;
  const control = {
    ephemeral_key: Buffer.from(ephemeral.publicKey).toString('hex'),
    host: 'localhost',
    port: 80,
    protocol: 'http',
    target: path,
    method: 'POST',
    ...(scheme === 'default' ? {} : { enc_type: scheme }),
  };
  const openBox = (box: Buffer): Buffer => (xchacha ? openXChaCha20(key, box) : openAesGcm(key, box));
  const openAnswer = (httpBody: Buffer): Buffer =>
    openBox(version === 3 ? Buffer.from(httpBody.toString('latin1'), 'base64') : httpBody);
  return {
    bytes: envelope(xchacha ? sealXChaCha20(key, plaintext) : sealAesGcm(key, plaintext), control),
    path,
    openAnswer,
    readAnswer(httpBody) {
      const [metadata = Buffer.alloc(0), body = Buffer.alloc(0)] = readByteStrings(openAnswer(httpBody));
      const { code, headers } = JSON.parse(metadata.toString()) as {
        code: number;
        headers: Record<string, string>;
      };
      return { status: code, headers, body };
    },
  };
}

/** `[u32le N] ‖ ciphertext ‖ JSON` */
export function envelope(ciphertext: Buffer, control: unknown): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(ciphertext.length);
  return Buffer.concat([length, ciphertext, Buffer.from(JSON.stringify(control))]);
}

/** Bencoded list of byte strings. */
export function byteStrings(...parts: (string | Buffer)[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const bytes = Buffer.from(part as string);
    return [Buffer.from(`${bytes.length}:`), bytes];
  });
  return Buffer.concat([Buffer.from('l'), ...pieces, Buffer.from('e')]);
}

function readByteStrings(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = 1;
  while (bytes[at] !== 0x65) {
    const colon = bytes.indexOf(0x3a, at);
    const length = Number(bytes.subarray(at, colon).toString());
    parts.push(bytes.subarray(colon + 1, colon + 1 + length));
    at = colon + 1 + length;
  }
  return parts;
}

function sealXChaCha20(key: Buffer, plaintext: Buffer): Buffer {
  const nonce = randomBytes(24);
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, null, null, nonce, key);
  return Buffer.concat([nonce, sealed]);
}

function openXChaCha20(key: Buffer, box: Buffer): Buffer {
  const nonce = box.subarray(0, 24);
  return Buffer.from(
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box.subarray(24), null, nonce, key),
  );
}

function sealAesGcm(key: Buffer, plaintext: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function openAesGcm(key: Buffer, box: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(box.subarray(box.length - 16));
  return Buffer.concat([decipher.update(box.subarray(12, box.length - 16)), decipher.final()]);
}
