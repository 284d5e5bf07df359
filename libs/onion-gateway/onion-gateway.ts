import type { Aead, CryptoBackend } from '../crypto/crypto-backend.js';
import type { ServerKeys } from '../crypto/server-keys.js';
import { WireError } from '../protocol/errors.js';
import type { WireRequest, WireResponse } from '../protocol/wire.js';
import { parseEnvelope, undecryptable } from './envelope.js';
import type { InnerLimits, OnionVersion } from './inner-request.js';
import { onionCipher } from './onion-cipher.js';
import { onionV3 } from './onion-v3.js';
import { onionV4 } from './onion-v4.js';

export interface OnionGatewayOptions {
  crypto: CryptoBackend;
  serverKeys: Pick<ServerKeys, 'privateKey' | 'publicKey'>;
  limits: InnerLimits;
}

export type OpenedOnion =
  | {
      /** To be run as if it had arrived over HTTP. */
      request: WireRequest;
      /** The HTTP body that carries the answer; its HTTP status is 200 whatever the answer's own status. */
      seal(response: WireResponse): Buffer;
    }
  | {
      /** Decryptable, but no request inside: the HTTP body of the finished answer, HTTP status 200. */
      refusal: Buffer;
    };

const VERSIONS: Readonly<Record<3 | 4, OnionVersion>> = { 3: onionV3, 4: onionV4 };

/** Opens onion requests and seals their answers (protocol.md §10). Knows neither HTTP nor the endpoints. */
export class OnionGateway {
  constructor(private readonly options: OnionGatewayOptions) {}

  /**
   * `envelope` is the body of the POST to `…/v3/lsrpc` or `…/v4/lsrpc`; buffers in the request are views of what
   * was decrypted from it. Throws a 400 WireError, and nothing else, for what cannot be decrypted: only there may
   * the outer HTTP status differ from 200.
   */
  open(envelope: Buffer, version: 3 | 4): OpenedOnion {
    const { crypto, serverKeys, limits } = this.options;
    const { ciphertext, ephemeralKey, scheme } = parseEnvelope(envelope);
    const cipher = onionCipher(crypto, serverKeys, { scheme, ephemeralKey });
    if (!cipher) throw undecryptable('ephemeral_key is of low order');
    const plaintext = cipher.open(ciphertext);
    if (!plaintext) throw undecryptable('decryption failed');
    return openInner(VERSIONS[version], cipher, plaintext, limits);
  }
}

function openInner(version: OnionVersion, cipher: Aead, plaintext: Buffer, limits: InnerLimits): OpenedOnion {
  const seal = (response: WireResponse): Buffer =>
    version.toHttpBody(cipher.seal(version.writeResponse(response)));
  try {
    return { request: version.readRequest(plaintext, limits), seal };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { refusal: seal(version.refusal(error.status)) };
  }
}
