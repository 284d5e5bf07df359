import { createHmac } from 'node:crypto';
import { selectCryptoBackend } from '../../crypto/select-backend.js';
import { WebhookSecrets } from './webhook-secrets.js';

const crypto = selectCryptoBackend('sodium');
const secrets = new WebhookSecrets(crypto, Buffer.alloc(32, 7));
const salt = Buffer.alloc(16, 1);

describe('the secret of a webhook', () => {
  it('is 32 bytes that can be copied', () => expect(secrets.secretOf(salt)).toMatch(/^whs_[\w-]{43}$/));

  it('is the same for the same salt, and another for every other salt and every other server', () => {
    const other = new WebhookSecrets(crypto, Buffer.alloc(32, 8));
    expect(secrets.secretOf(salt)).toBe(secrets.secretOf(Buffer.from(salt)));
    expect(secrets.secretOf(Buffer.alloc(16, 2))).not.toBe(secrets.secretOf(salt));
    expect(other.secretOf(salt)).not.toBe(secrets.secretOf(salt));
  });

  it('gets a salt of its own', () => {
    expect(secrets.freshSalt()).toHaveLength(16);
    expect(secrets.freshSalt()).not.toEqual(secrets.freshSalt());
  });
});

describe('a signature', () => {
  const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');

  it('is an HMAC-SHA256 over the time and the body, by the characters of the secret', () => {
    const expected = hmac(secrets.secretOf(salt), '1700000000.{"ü":1}');
    expect(secrets.signatureOf([salt], 1_700_000_000, '{"ü":1}')).toBe(`t=1700000000,v1=${expected}`);
  });

  it('is one for each secret that is in force', () => {
    const old = Buffer.alloc(16, 2);
    const [now, before] = [salt, old].map((one) => hmac(secrets.secretOf(one), '5.{}'));
    expect(secrets.signatureOf([salt, old], 5, '{}')).toBe(`t=5,v1=${now},v1=${before}`);
  });
});
