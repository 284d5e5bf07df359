/** The part of the cryptography that webhooks need; a `CryptoBackend` is one. */
export interface WebhookCrypto {
  randomBytes(size: number): Buffer;
  keyedBlake2b(size: number, key: Buffer, ...parts: Buffer[]): Buffer;
  hmacSha256(key: Buffer, message: Buffer): Buffer;
}

const PURPOSE = Buffer.from('plaza-webhook-secret', 'ascii');
const SECRET_BYTES = 32;
const SALT_BYTES = 16;
const SECRET_PREFIX = 'whs_';

/**
 * The secrets that deliveries are signed with. They derive from the server's private key and a salt that is stored,
 * so that neither the database nor a copy of it holds one.
 */
export class WebhookSecrets {
  /** `privateKey` is the server's, 32 bytes. */
  constructor(
    private readonly crypto: WebhookCrypto,
    private readonly privateKey: Buffer,
  ) {}

  freshSalt(): Buffer {
    return this.crypto.randomBytes(SALT_BYTES);
  }

  /** As it is shown to whoever makes a webhook; its characters are the key of the signature. */
  secretOf(salt: Buffer): string {
    const secret = this.crypto.keyedBlake2b(SECRET_BYTES, PURPOSE, salt, this.privateKey);
    return SECRET_PREFIX + secret.toString('base64url');
  }

  /**
   * The header `Plaza-Signature` (docs/webhooks.md): HMAC-SHA256 over `time.body`, one for each secret that is in
   * force. `time` is in whole Unix seconds.
   */
  signatureOf(salts: readonly Buffer[], time: number, body: string): string {
    const signed = Buffer.from(`${time}.${body}`);
    const signatures = salts.map((salt) =>
      this.crypto.hmacSha256(Buffer.from(this.secretOf(salt)), signed).toString('hex'),
    );
    return [`t=${time}`, ...signatures.map((signature) => `v1=${signature}`)].join(',');
  }
}
