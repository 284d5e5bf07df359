import { MemoryNonces, MemoryUsers } from '../../test/support/memory-auth-ports.js';
import {
  Account,
  authHeaders,
  sessionClientReady,
  type AuthOverrides,
  type SignedCall,
} from '../../test/support/session-client.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import type { SessionId } from '../protocol/ids.js';
import { EMPTY_BODY, parseTarget, type WireRequest } from '../protocol/wire.js';
import { Authenticator, type AuthenticatorOptions } from './authenticator.js';

const NOW = 1_700_000_000.5;
const INVALID = 'Invalid authentication:';
const GET: SignedCall = { method: 'GET', target: '/capabilities' };
const crypto = selectCryptoBackend('sodium');
const serverPublicKey = crypto.x25519PublicKey(Buffer.alloc(32, 1));
let alice: Account;
let bob: Account;

beforeAll(async () => {
  await sessionClientReady();
  alice = Account.named('alice', serverPublicKey);
  bob = Account.named('bob', serverPublicKey);
});

/** A server of its own for every test. */
function serve(over: Partial<AuthenticatorOptions> = {}) {
  const users = new MemoryUsers();
  const nonces = new MemoryNonces();
  const authenticator = new Authenticator({
    crypto,
    serverPublicKey,
    blindingRequired: true,
    timestampSkewSecondsMax: 86_400,
    users,
    nonces,
    clock: { nowSeconds: () => NOW },
    ...over,
  });
  const authenticate: Authenticator['authenticate'] = (request, bill) =>
    authenticator.authenticate(request, bill);
  return { users, nonces, authenticate };
}

type Headers = Record<string, string | undefined>;

function request(call: SignedCall, headers: Headers): WireRequest {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: call.method,
    ...parseTarget(call.target),
    body: call.body ?? EMPTY_BODY,
    headers: Object.fromEntries(lowerCase) as Headers,
  };
}

/** A correctly signed request, but for what is replaced: in the signing, or in the headers afterwards. */
function signed(account: Account, over: AuthOverrides & { call?: SignedCall; headers?: Headers } = {}) {
  const call = over.call ?? GET;
  const headers = authHeaders(account, call, { timestamp: '1700000000', ...over });
  return request(call, { ...headers, ...over.headers });
}

const idOf = (account: Account): SessionId => account.blindedId as SessionId;
const refusal = (status: number, text: string) => ({ name: 'WireError', status, text });

describe('checks 1 to 9: the headers', () => {
  it('an anonymous request goes on', async () => {
    await expect(serve().authenticate(request(GET, {}))).resolves.toBeUndefined();
  });

  it('a bad one is refused before anybody is looked up (sogs-headers.spec.ts has them all)', async () => {
    const server = serve();
    server.users.add(idOf(alice), { banned: true });
    const wrong = signed(alice, { headers: { 'X-SOGS-Timestamp': 'x' } });
    const text = `${INVALID} X-SOGS-Timestamp is not a valid timestamp`;
    await expect(server.authenticate(wrong)).rejects.toMatchObject(refusal(400, text));
  });
});

describe('check 10: the time', () => {
  it.each(['1699913601', '1700086400', '01700000000'])('may be %s', async (timestamp) => {
    await expect(serve().authenticate(signed(alice, { timestamp }))).resolves.toBeDefined();
  });

  it.each(['1699913600', '1700086401', '0', '-1700000000', '-0', '1700000000000', '9'.repeat(400)])(
    'may not be %s',
    async (timestamp) => {
      const text = `${INVALID} X-SOGS-Timestamp is too far from current time`;
      await expect(serve().authenticate(signed(alice, { timestamp }))).rejects.toMatchObject(
        refusal(425, text),
      );
    },
  );
});

describe('checks 11 to 13', () => {
  const VERIFICATION = refusal(401, `${INVALID} X-SOGS-Signature verification failed`);
  const REUSED = refusal(425, `${INVALID} X-SOGS-Nonce cannot be reused`);

  it('11: a banned user is refused, whatever the signature and the nonce', async () => {
    const server = serve();
    server.users.add(idOf(alice), { banned: true });
    for (const request of [signed(alice), signed(alice, { signature: Buffer.alloc(64) })]) {
      await expect(server.authenticate(request)).rejects.toMatchObject(refusal(403, 'Banned'));
    }
    expect(server.nonces.seen.size).toBe(0);
  });

  it('12: a nonce counts once, whoever uses it and however it is written', async () => {
    const server = serve();
    const nonce = Buffer.alloc(16, 9);
    await server.authenticate(signed(alice, { nonce }));
    for (const again of [signed(alice, { nonce }), signed(bob, { nonce, nonceEncoding: 'hex' })]) {
      await expect(server.authenticate(again)).rejects.toMatchObject(REUSED);
    }
  });

  it('12 comes before 13', async () => {
    const server = serve();
    const nonce = Buffer.alloc(16, 9);
    await server.authenticate(signed(alice, { nonce }));
    const forged = signed(alice, { nonce, signature: Buffer.alloc(64) });
    await expect(server.authenticate(forged)).rejects.toMatchObject(REUSED);
  });

  it('12: the store of nonces is asked once, however the request ends', async () => {
    const server = serve();
    const calls = [jest.spyOn(server.nonces, 'has'), jest.spyOn(server.nonces, 'remember')];
    const nonce = Buffer.alloc(16, 9);
    const signature = Buffer.alloc(64);
    const asked: number[] = [];
    for (const request of [
      signed(alice, { nonce }),
      signed(alice, { nonce }),
      signed(alice, { signature }),
    ]) {
      await server.authenticate(request).catch(() => undefined);
      asked.push(calls.reduce((sum, { mock }) => sum + mock.calls.length, 0));
      for (const call of calls) call.mockClear();
    }
    expect(asked).toEqual([1, 1, 1]);
  });

  it('12: of the same request twice at once, exactly one gets through', async () => {
    const server = serve();
    const request = signed(alice);
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => server.authenticate(request)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(REUSED);
    }
  });

  it('13: what is not signed as sent is refused', async () => {
    const body = Buffer.from('{"a":1}');
    const post: SignedCall = { method: 'POST', target: '/room/a/message?x=1', body };
    const good = signed(alice, { call: post });
    await expect(serve().authenticate(good)).resolves.toBeDefined();
    const other = {
      nonce: Buffer.alloc(16, 1).toString('hex'),
      pubkey: bob.blindedId,
      timestamp: '1700000001',
    };
    const wrong: WireRequest[] = [
      { ...good, method: 'PUT' },
      { ...good, path: '/room/b/message' },
      { ...good, rawQuery: 'x=2' },
      { ...good, rawQuery: '' },
      { ...good, body: EMPTY_BODY },
      { ...good, body: Buffer.from('{"a":2}') },
      { ...good, headers: { ...good.headers, 'x-sogs-nonce': other.nonce } },
      { ...good, headers: { ...good.headers, 'x-sogs-timestamp': other.timestamp } },
      { ...good, headers: { ...good.headers, 'x-sogs-timestamp': '01700000000' } },
      { ...good, headers: { ...good.headers, 'x-sogs-pubkey': other.pubkey } },
      signed(alice, { serverPublicKey: Buffer.alloc(32, 9) }),
    ];
    for (const request of wrong) {
      await expect(serve().authenticate(request)).rejects.toMatchObject(VERIFICATION);
    }
  });

  it('13: nothing is stored when the signature is bad', async () => {
    const server = serve();
    const nonce = Buffer.alloc(16, 9);
    const forged = signed(alice, { nonce, signature: Buffer.alloc(64) });
    await expect(server.authenticate(forged)).rejects.toMatchObject(VERIFICATION);
    expect([server.users.rows.size, server.nonces.seen.size]).toEqual([0, 0]);
    await expect(server.authenticate(signed(alice, { nonce }))).resolves.toBeDefined();
  });
});

describe('what a request costs', () => {
  const billOf = (budget: number) => ({
    budget,
    pay() {
      if (this.budget === 0) throw new Error('too much');
      this.budget--;
    },
    giveBack() {
      this.budget++;
    },
  });

  it('is paid before the nonce is stored; who cannot pay may send it again', async () => {
    const server = serve();
    server.users.add(idOf(alice), {});
    const request = signed(alice);
    await expect(server.authenticate(request, billOf(0))).rejects.toThrow('too much');
    expect(server.nonces.seen.size).toBe(0);
    await expect(server.authenticate(request, billOf(1))).resolves.toBeDefined();
  });

  it('is paid once, whoever sends it again, and never for what the user did not sign', async () => {
    const server = serve();
    server.users.add(idOf(alice), {});
    const bill = billOf(5);
    const request = signed(alice);
    await server.authenticate(request, bill);
    await expect(server.authenticate(request, bill)).rejects.toMatchObject({ status: 425 });
    const forged = signed(alice, { signature: Buffer.alloc(64) });
    await expect(server.authenticate(forged, bill)).rejects.toMatchObject({ status: 401 });
    expect(bill.budget).toBe(4);
  });
});

describe('a request that holds', () => {
  it('is from a user, who comes into being with it and is found again', async () => {
    const server = serve();
    const first = await server.authenticate(signed(alice));
    expect(first).toEqual({
      user: server.users.rows.get(idOf(alice)),
      blinded: true,
      publicKey: Buffer.from(alice.blindedId.slice(2), 'hex'),
    });
    expect(await server.authenticate(signed(alice))).toEqual(first);
    expect([server.users.rows.size, server.nonces.seen.size]).toEqual([1, 2]);
  });

  it('carries the roles of its user', async () => {
    const server = serve();
    server.users.add(idOf(alice), { moderator: true, admin: true });
    await expect(server.authenticate(signed(alice))).resolves.toMatchObject({ user: { admin: true } });
  });

  it('from somebody banned before they ever came is stored and answered 403', async () => {
    const server = serve();
    server.users.pendingBans.add(idOf(alice));
    for (const request of [signed(alice), signed(alice)]) {
      await expect(server.authenticate(request)).rejects.toMatchObject(refusal(403, 'Banned'));
    }
    expect(server.users.rows.get(idOf(alice))).toMatchObject({ banned: true });
  });

  it('may be unblinded where blinding is not required, and is then from the 05 id', async () => {
    const server = serve({ blindingRequired: false });
    await expect(server.authenticate(signed(alice, { unblinded: true }))).resolves.toMatchObject({
      user: { sessionId: alice.sessionId },
      blinded: false,
    });
    await expect(server.authenticate(signed(alice))).resolves.toMatchObject({
      user: { sessionId: alice.blindedId },
      blinded: true,
    });
  });

  it('is checked against the right key also when more keys come than are remembered', async () => {
    const server = serve({ checkedKeysMax: 1 });
    for (const account of [alice, bob, alice, bob]) {
      const identity = await server.authenticate(signed(account));
      expect(identity!.user.sessionId).toBe(account.blindedId);
    }
    const invalid = signed(alice, { headers: { 'X-SOGS-Pubkey': `1502${'00'.repeat(31)}` } });
    for (const request of [invalid, invalid]) {
      await expect(server.authenticate(request)).rejects.toMatchObject({ status: 400 });
    }
  });
});
