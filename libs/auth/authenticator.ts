import type { CryptoBackend } from '../crypto/crypto-backend.js';
import type { Clock } from '../protocol/clock.js';
import { forbidden, timestampTooFar, WireError } from '../protocol/errors.js';
import type { WireRequest } from '../protocol/wire.js';
import { IdentityKeys } from './identity-keys.js';
import type { Identity } from './identity.js';
import type { Bill, NonceStore, UserDirectory } from './ports.js';
import { signedBytes } from './signed-bytes.js';
import { readSogsHeaders, type SogsHeaders } from './sogs-headers.js';

export interface AuthenticatorOptions {
  crypto: CryptoBackend;
  /** `B`, 32 bytes: what requests are signed for. */
  serverPublicKey: Buffer;
  /** Whether 00 keys are refused (the default of the protocol). */
  blindingRequired: boolean;
  /** How far a signed time may be from ours, either way (limits.ts). */
  timestampSkewSecondsMax: number;
  users: UserDirectory;
  nonces: NonceStore;
  clock: Clock;
  /** How many public keys are remembered as checked. */
  checkedKeysMax?: number;
}

const CHECKED_KEYS_DEFAULT = 50_000; // some 20 MB

/** Finds out who makes a request: the checks of protocol.md §2, in their order. */
export class Authenticator {
  private readonly keys: IdentityKeys;

  constructor(private readonly options: AuthenticatorOptions) {
    this.keys = new IdentityKeys(options.crypto, options.checkedKeysMax ?? CHECKED_KEYS_DEFAULT);
  }

  /**
   * Undefined for an anonymous request. Throws a WireError for each refusal of the table.
   *
   * Verify before you store: until the signature holds, nothing is written, whatever a stranger sends. The nonce is
   * asked for once per request, since that may be a round trip: of one that is well signed, remembering it tells
   * whether it was used (of two copies that arrive together, exactly one gets through); of a badly signed one, a
   * look decides whether check 12 or 13 is what failed.
   *
   * A user who is known pays once the signature holds and before anything is stored: what is refused for its cost
   * must not cost a nonce either. A replay is given back, since somebody else may send it.
   */
  async authenticate(request: WireRequest, bill?: Bill): Promise<Identity | undefined> {
    const headers = readSogsHeaders(request.headers, {
      keys: this.keys,
      blindingRequired: this.options.blindingRequired,
    });
    if (!headers) return undefined;
    this.checkTime(headers);

    const { users, nonces } = this.options;
    const known = await users.find(headers.sessionId);
    if (known?.banned) throw forbidden('Banned');
    const { nonce, timestampSeconds } = headers;
    if (!this.isSigned(headers, request))
      throw (await nonces.has(nonce)) ? nonceReused() : verificationFailed();
    if (known) bill?.pay(known);
    try {
      if (!(await nonces.remember(nonce, timestampSeconds))) throw nonceReused();
    } catch (error) {
      if (known) bill?.giveBack(known);
      throw error;
    }
    const user = known ?? (await users.arrive(headers.sessionId));
    // Whoever was banned by a 05 id before they first came is known as banned only now (protocol.md §1.1).
    if (user.banned) throw forbidden('Banned');
    return { user, blinded: headers.blinded, publicKey: headers.publicKey };
  }

  private checkTime({ timestampSeconds }: SogsHeaders): void {
    const { clock, timestampSkewSecondsMax } = this.options;
    if (Math.abs(timestampSeconds - clock.nowSeconds()) <= timestampSkewSecondsMax) return;
    throw timestampTooFar();
  }

  private isSigned({ nonce, timestamp, signature, publicKey }: SogsHeaders, request: WireRequest): boolean {
    const { crypto, serverPublicKey } = this.options;
    const message = signedBytes(crypto, { serverPublicKey, nonce, timestamp, request });
    return crypto.verifyEd25519(signature, message, publicKey);
  }
}

const verificationFailed = (): WireError =>
  new WireError(401, 'Invalid authentication: X-SOGS-Signature verification failed');

const nonceReused = (): WireError =>
  new WireError(425, 'Invalid authentication: X-SOGS-Nonce cannot be reused');
