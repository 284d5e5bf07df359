import { randomBytes } from 'node:crypto';
import { endEverything } from '../support/kept-processes.js';
import { byteStrings, envelope, onionRequest, sealOnion } from '../support/onion-client.js';
import { messageBody, newAccount, onionCall, type Community } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { http, sessionClientReady, type HttpAnswer } from '../support/session-client.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza();
});
afterAll(() => server?.stop());
afterAll(endEverything);

const V4 = '/oxen/v4/lsrpc';
const ENDPOINTS = [V4, '/oxen/v3/lsrpc', '/loki/v3/lsrpc'];
const send = (body: Buffer, target = V4): Promise<HttpAnswer> =>
  http(server.base, { method: 'POST', target, body });
const wellFormed = (at: Community) =>
  onionRequest(at.publicKey, { method: 'GET', endpoint: '/capabilities' });

/** Refused outside, since nothing could be decrypted. */
function expectUndecryptable({ status, headers, body }: HttpAnswer): void {
  expect({ status, type: headers['content-type'] }).toEqual({
    status: 400,
    type: 'text/plain; charset=utf-8',
  });
  expect(body.toString()).toMatch(/^Invalid onion request/);
  expect(headers['content-length']).toBe(String(body.length));
}

describe('an onion request that cannot be decrypted is 400 outside', () => {
  it('when it is truncated anywhere', async () => {
    const { bytes } = wellFormed(server);
    const cuts = [0, 1, 3, 4, 5, 20, 60, bytes.readUInt32LE(0) + 4, bytes.length - 1];
    for (const cut of cuts) expectUndecryptable(await send(bytes.subarray(0, cut)));
  });

  it.each(ENDPOINTS)('when it is random bytes, at %s', async (target) => {
    for (const size of [1, 4, 100, 100_000]) expectUndecryptable(await send(randomBytes(size), target));
  });

  it.each([
    ['one more than there is', (bytes: Buffer) => bytes.writeUInt32LE(bytes.length - 3, 0)],
    ['all there is', (bytes: Buffer) => bytes.writeUInt32LE(bytes.length - 4, 0)],
    ['one too few', (bytes: Buffer) => bytes.writeUInt32LE(bytes.readUInt32LE(0) - 1, 0)],
    ['nothing', (bytes: Buffer) => bytes.writeUInt32LE(0, 0)],
    ['4 GiB', (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 0)],
    ['2 GiB', (bytes: Buffer) => bytes.writeUInt32LE(0x80000000, 0)],
  ])('when its length says %s', async (_, lie) => {
    const { bytes } = wellFormed(server);
    lie(bytes);
    expectUndecryptable(await send(bytes));
  });

  it('when a bit of the ciphertext was turned', async () => {
    const { bytes } = wellFormed(server);
    for (const at of [4, 30, bytes.readUInt32LE(0)]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expectUndecryptable(await send(changed));
    }
  });

  it.each(['chacha20', 'AES-GCM', '', null, 7, ['aes-gcm'], 'constructor'])(
    'when enc_type is %p',
    async (enc_type) => {
      const key = { ephemeral_key: randomBytes(32).toString('hex'), enc_type };
      expectUndecryptable(await send(envelope(randomBytes(80), key)));
    },
  );

  it.each([
    ['nothing', {}],
    ['a number', { ephemeral_key: 7 }],
    ['63 digits', { ephemeral_key: 'a'.repeat(63) }],
    ['66 digits', { ephemeral_key: 'a'.repeat(66) }],
    ['no hex', { ephemeral_key: 'g'.repeat(64) }],
    ['in a list', [{ ephemeral_key: 'a'.repeat(64) }]],
    ['null', null],
  ])('when the ephemeral key is %s', async (_, control) =>
    expectUndecryptable(await send(envelope(randomBytes(80), control))),
  );

  it.each([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['of order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p - 1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
    ['zero with its unused bit set', `${'00'.repeat(31)}80`],
  ])('when the ephemeral key is of low order: %s', async (_, ephemeral_key) => {
    for (const enc_type of ['aes-gcm', 'xchacha20'])
      expectUndecryptable(await send(envelope(randomBytes(80), { ephemeral_key, enc_type })));
  });

  it('when the JSON part is too long, too deep or none', async () => {
    const ephemeral_key = randomBytes(32).toString('hex');
    const controls = [
      { ephemeral_key, more: 'x'.repeat(5_000) },
      { ephemeral_key, more: JSON.parse('['.repeat(50) + ']'.repeat(50)) as unknown },
    ];
    for (const control of controls) expectUndecryptable(await send(envelope(randomBytes(80), control)));
    const { bytes } = wellFormed(server);
    expectUndecryptable(await send(Buffer.concat([bytes, Buffer.from('}')])));
  });

  it('when it was made for another server', async () => {
    const other = onionRequest(newAccount(server).ed25519Public, { method: 'GET', endpoint: '/rooms' });
    expectUndecryptable(await send(other.bytes));
  });
});

describe('an onion request that can be decrypted is 200 outside', () => {
  const metadata = (over: object = {}): string =>
    JSON.stringify({ method: 'GET', endpoint: '/capabilities', headers: {}, ...over });
  const size = (text: string): number => Buffer.byteLength(text);

  it.each<[string, string | Buffer]>([
    ['empty', ''],
    ['no list', `${size(metadata())}:${metadata()}`],
    ['an empty list', 'le'],
    ['not ended', `l${size(metadata())}:${metadata()}`],
    ['longer than there is', `l${size(metadata()) + 1}:${metadata()}e`],
    ['much longer than there is', `l999999999:${metadata()}e`],
    ['longer than a number', `l99999999999999999999:${metadata()}e`],
    ['shorter than there is', `l${size(metadata()) - 1}:${metadata()}e`],
    ['of negative length', `l-1:${metadata()}e`],
    ['of length 1e2', `l1e2:${metadata()}e`],
    ['with leading zeros', `l0${size(metadata())}:${metadata()}e`],
    ['an integer', 'li7ee'],
    ['a list in a list', `ll${size(metadata())}:${metadata()}ee`],
    ['three strings', byteStrings(metadata(), '', 'x')],
    ['followed by more', Buffer.concat([byteStrings(metadata()), Buffer.from('x')])],
  ])('with 400 inside when its bencode is %s', async (_, plaintext) => {
    const onion = sealOnion(server.publicKey, Buffer.from(plaintext as string));
    const outer = await send(onion.bytes);
    expect(outer.status).toBe(200);
    const { status, headers, body } = onion.readAnswer(outer.body);
    expect({ status, headers, body: body.toString() }).toEqual({
      status: 400,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'Invalid v4 onion request',
    });
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without endpoint', JSON.stringify({ method: 'GET' })],
    ['without method', JSON.stringify({ endpoint: '/capabilities' })],
    ['with an endpoint that is no text', metadata({ endpoint: 7 })],
    ['with an endpoint without slash', metadata({ endpoint: 'capabilities' })],
    ['with an endpoint with bad percent-encoding', metadata({ endpoint: '/room/%zz' })],
    ['with an empty method', metadata({ method: '' })],
    ['with headers in a list', metadata({ headers: [] })],
    ['with a header that is no text', metadata({ headers: { a: 1 } })],
    ['with a header twice', metadata({ headers: { 'X-A': '1', 'x-a': '2' } })],
    ['nested 1000 deep', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`],
    ['longer than a header block', metadata({ headers: { a: 'x'.repeat(17_000) } })],
  ])('with 400 inside when its metadata is %s', async (_, text) => {
    const onion = sealOnion(server.publicKey, byteStrings(text));
    const outer = await send(onion.bytes);
    expect(outer.status).toBe(200);
    expect(onion.readAnswer(outer.body).status).toBe(400);
  });

  it.each<[number, string, string, object]>([
    [400, 'POST', '/batch', { json: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown }],
    [400, 'POST', '/batch', { body: Buffer.from('{') }],
    [400, 'GET', '/capabilities', { headers: { 'X-SOGS-Nonce': 'x' } }],
    [401, 'POST', '/room/lobby/message', { json: {} }],
    [404, 'GET', '/nowhere', {}],
    [404, 'GET', '/room/nowhere', {}],
    [404, 'GET', '/capabilities/', {}],
    [405, 'PATCH', '/capabilities', {}],
    [405, 'get', '/capabilities', {}],
    [405, 'NO SUCH METHOD', '/capabilities', {}],
    [412, 'GET', '/capabilities?required=magic', {}],
  ])('with %i inside: %s %s', async (status, method, endpoint, options) => {
    for (const scheme of ['xchacha20', 'aes-gcm'] as const) {
      const answer = await onionCall(server, undefined, method, endpoint, { ...options, scheme });
      expect({ outer: answer.outer, status: answer.status }).toEqual({ outer: 200, status });
      expect(Object.keys(answer.headers)).not.toContain('content-length');
    }
  });

  it.each(ENDPOINTS)('with 400 inside when there is an onion inside, for %s', async (endpoint) => {
    const { bytes } = wellFormed(server);
    const answer = await onionCall(server, newAccount(server), 'POST', endpoint, { body: bytes });
    expect({ outer: answer.outer, status: answer.status }).toEqual({ outer: 200, status: 400 });
  });

  it('with 401 inside when its signature is wrong, 425 when it was here before', async () => {
    const account = newAccount(server);
    const wrong = { signature: randomBytes(64) };
    const refused = await onionCall(server, account, 'GET', '/rooms', { auth: wrong });
    expect([refused.outer, refused.status]).toEqual([200, 401]);
    const once = { nonce: randomBytes(16) };
    const [first, second] = [
      await onionCall(server, account, 'GET', '/rooms', { auth: once }),
      await onionCall(server, account, 'GET', '/rooms', { auth: once }),
    ];
    expect([first.outer, first.status, second.outer, second.status]).toEqual([200, 200, 200, 425]);
  });

  it('with the message inside when all is well, with exactly one content type', async () => {
    const account = newAccount(server);
    const json = messageBody(account, 'hello');
    const answer = await onionCall(server, account, 'POST', '/room/lobby/message', { json });
    expect({ status: answer.status, headers: answer.headers }).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.json).toMatchObject({ session_id: account.blindedId, data: json.data });
  });

  it('with the status alone inside when it is a v3 one', async () => {
    const inner = async (plaintext: string): Promise<unknown> => {
      const onion = sealOnion(server.publicKey, Buffer.from(plaintext), { version: 3 });
      const outer = await send(onion.bytes, onion.path);
      expect(outer.status).toBe(200);
      return JSON.parse(onion.openAnswer(outer.body).toString());
    };
    expect(await inner('{')).toEqual({ status_code: 400 });
    expect(await inner('[]')).toEqual({ status_code: 400 });
    expect(await inner('['.repeat(1000))).toEqual({ status_code: 400 });
    expect(await inner(metadata({ endpoint: '/nowhere' }))).toEqual({ status_code: 404 });
    expect(await inner(metadata({ endpoint: 'rooms' }))).toEqual({ status_code: 404 });
    expect(await inner(metadata({ body: 'x' }))).toEqual({ status_code: 400 });
    expect(await inner(metadata({ body: 'null' }))).toHaveProperty('capabilities');
  });
});
