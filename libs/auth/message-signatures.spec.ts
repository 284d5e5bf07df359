import { Account, sessionClientReady, sessionMessage } from '../../test/support/session-client.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import type { SessionId } from '../protocol/ids.js';
import type { Identity } from './identity.js';
import { MessageSignatures } from './message-signatures.js';

const crypto = selectCryptoBackend('sodium');
const signatures = new MessageSignatures(crypto);
const serverPublicKey = crypto.x25519PublicKey(Buffer.alloc(32, 1));
const data = sessionMessage('hello');
/** Several, so that Ed25519 keys of both signs are among them. */
let accounts: Account[];

beforeAll(async () => {
  await sessionClientReady();
  accounts = Array.from({ length: 8 }, (_, at) => Account.named(`author ${at}`, serverPublicKey));
});

function author(sessionId: string, publicKey: Buffer): Identity {
  const user = { id: 1, sessionId: sessionId as SessionId, banned: false, moderator: false, admin: false };
  return { user, blinded: sessionId.startsWith('15'), publicKey };
}
const blinded = (account: Account) =>
  author(account.blindedId, Buffer.from(account.blindedId.slice(2), 'hex'));
const unblinded = (account: Account) => author(account.sessionId, account.ed25519Public);

/** The same signature as XEd25519 has it: the sign of the point goes into the top bit. */
function xed25519(account: Account): Buffer {
  const signature = account.signUnblinded(data);
  signature[63]! |= account.ed25519Public[31]! & 0x80;
  return signature;
}

describe('the signature of a post', () => {
  it('is by the blinded key for a blinded author, and by no other', () => {
    for (const account of accounts) {
      expect(signatures.verify(blinded(account), data, account.signBlinded(data))).toBe(true);
      expect(signatures.verify(blinded(account), data, account.signUnblinded(data))).toBe(false);
      expect(signatures.verify(blinded(account), data, xed25519(account))).toBe(false);
    }
  });

  it('is by the Ed25519 key or by XEd25519 for an unblinded author', () => {
    expect(new Set(accounts.map((account) => account.ed25519Public[31]! >> 7)).size).toBe(2);
    for (const account of accounts) {
      expect(signatures.verify(unblinded(account), data, account.signUnblinded(data))).toBe(true);
      expect(signatures.verify(unblinded(account), data, xed25519(account))).toBe(true);
      expect(signatures.verify(unblinded(account), data, account.signBlinded(data))).toBe(false);
    }
  });

  it('is over the very bytes', () => {
    const [account] = accounts as [Account];
    for (const signature of [account.signUnblinded(data), xed25519(account)]) {
      expect(signatures.verify(unblinded(account), sessionMessage('hallo'), signature)).toBe(false);
    }
  });

  it.each([0, 63, 65])('is not %d bytes long', (length) => {
    const [account] = accounts as [Account];
    expect(signatures.verify(unblinded(account), data, Buffer.alloc(length))).toBe(false);
    expect(signatures.verify(blinded(account), data, Buffer.alloc(length))).toBe(false);
  });
});
