import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The language-neutral vectors under test/vectors, as they are typed there. Byte strings are hex unless said. */
export interface BlindingVectors {
  servers: { private: string; public: string; signPublic: string }[];
  cases: {
    seed: string;
    server_public: string;
    k: string;
    ed25519_public: string;
    session_id: string;
    blinded_id: string;
    absolute_id: string;
    negative_id: string;
  }[];
}

export interface DirectMessageVectors {
  server_public: string;
  cases: {
    sender_seed: string;
    sender_ed25519: string;
    sender: string;
    recipient_seed: string;
    recipient: string;
    key: string;
    nonce: string;
    plaintext: string;
    message: string;
  }[];
}

export interface Ed25519EdgeVectors {
  signatures: {
    name: string;
    public_key: string;
    message: string;
    signature: string;
    point_valid: boolean;
    verifies: boolean;
  }[];
  public_keys: { name: string; public_key: string; point_valid: boolean }[];
}

export interface OnionVectors {
  server_private: string;
  server_public: string;
  cases: {
    version: 3 | 4;
    enc_type: string | null;
    ephemeral_public: string;
    symmetric_key: string;
    /** Base64. */
    body: string;
    /** Base64. */
    plaintext: string;
  }[];
}

export interface PaddingVectors {
  cases: { what: string; posted: string; stored: string; size: number }[];
}

export interface SignatureVectors {
  server_public: string;
  cases: {
    method: string;
    /** As on the wire, with the query. */
    path: string;
    /** Text. */
    body: string;
    nonce: string;
    timestamp: string;
    pubkey: string;
    session_id: string;
    signed_bytes: string;
    /** Base64. */
    signature: string;
  }[];
  refuse: {
    why: string;
    pubkey: string;
    signed_bytes?: string;
    signature?: string;
    libsodium_verifies?: boolean;
    valid_point_in_libsodium?: boolean;
  }[];
}

interface VectorFiles {
  blinding: BlindingVectors;
  'direct-message': DirectMessageVectors;
  'ed25519-edge': Ed25519EdgeVectors;
  onion: OnionVectors;
  padding: PaddingVectors;
  signature: SignatureVectors;
}

export function readVectors<Name extends keyof VectorFiles>(name: Name): VectorFiles[Name] {
  const file = join(__dirname, '..', 'vectors', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as VectorFiles[Name];
}

export const hexBytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
export const base64Bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
