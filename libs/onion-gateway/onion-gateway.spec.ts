import { onionRequest, sealOnion, byteStrings, type OnionScheme } from '../../test/support/onion-client.js';
import { sessionClientReady } from '../../test/support/session-client.js';
import { base64Bytes, hexBytes, readVectors } from '../../test/support/vectors.js';
import type { CryptoBackendName } from '../crypto/crypto-backend.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import { serverKeysOf } from '../crypto/server-keys.js';
import { DEFAULT_LIMITS } from '../protocol/limits.js';
import { jsonResponse, textResponse } from '../protocol/wire.js';
import { OnionGateway, type OpenedOnion } from './onion-gateway.js';

const vectors = readVectors('onion');
const SCHEMES: OnionScheme[] = ['default', 'aes-gcm', 'gcm', 'xchacha20', 'xchacha20-poly1305'];

function gatewayOn(name: CryptoBackendName): OnionGateway {
  const crypto = selectCryptoBackend(name);
  const serverKeys = serverKeysOf(crypto, hexBytes(vectors.server_private));
  return new OnionGateway({ crypto, serverKeys, limits: DEFAULT_LIMITS });
}

const gateway = gatewayOn('sodium');
const serverPublicKey = hexBytes(vectors.server_public);

beforeAll(() => sessionClientReady());

function opened(onion: OpenedOnion) {
  if ('refusal' in onion) throw new Error('refused');
  return onion;
}

function refused(onion: OpenedOnion): Buffer {
  if ('request' in onion) throw new Error('opened');
  return onion.refusal;
}

describe.each<CryptoBackendName>(['sodium', 'noble'])('on the %s back end', (name) => {
  const backendGateway = gatewayOn(name);

  it.each(vectors.cases)('vector onion: v$version $enc_type', (vector) => {
    const onion = opened(backendGateway.open(base64Bytes(vector.body), vector.version));
    const withBody = base64Bytes(vector.plaintext).includes('{"body":1}');
    expect(onion.request).toEqual({
      method: withBody ? 'POST' : 'GET',
      path: '/room/fish',
      rawQuery: '',
      headers: vector.version === 4 ? { 'x-foo': 'bar' } : {},
      body: Buffer.from(withBody ? '{"body":1}' : ''),
    });
  });

  it.each(SCHEMES)('the answer to a request in %s can be read by who asked', (scheme) => {
    const call = { scheme, method: 'GET', endpoint: '/capabilities' };
    const v4 = onionRequest(serverPublicKey, { ...call, version: 4 });
    const v3 = onionRequest(serverPublicKey, { ...call, version: 3 });
    const response = jsonResponse({ capabilities: ['sogs'] });
    expect(v4.readAnswer(opened(backendGateway.open(v4.bytes, 4)).seal(response))).toEqual(response);
    expect(v3.openAnswer(opened(backendGateway.open(v3.bytes, 3)).seal(response))).toEqual(response.body);
  });
});

describe('v4', () => {
  it('gives the request as it would arrive over HTTP', () => {
    const onion = onionRequest(serverPublicKey, {
      method: 'POST',
      endpoint: '/room/fish/reaction/7/%F0%9F%8D%8D?x=%20&y',
      headers: { 'X-SOGS-PubKey': '15ab', 'Content-Type': 'application/json' },
      body: Buffer.from([0, 0xff, 0x65, 0x3a]),
    });
    expect(opened(gateway.open(onion.bytes, 4)).request).toEqual({
      method: 'POST',
      path: '/room/fish/reaction/7/🍍',
      rawQuery: 'x=%20&y',
      headers: { 'x-sogs-pubkey': '15ab', 'content-type': 'application/json' },
      body: Buffer.from([0, 0xff, 0x65, 0x3a]),
    });
  });

  it('takes a body with any method: whether it may have one is not the gateway’s business', () => {
    const onion = onionRequest(serverPublicKey, { method: 'GET', endpoint: '/', body: Buffer.from('x') });
    expect(opened(gateway.open(onion.bytes, 4)).request.body.toString()).toBe('x');
  });

  it.each([undefined, null])('headers may be %s', (headers) => {
    const metadata = JSON.stringify({ endpoint: '/', method: 'GET', headers });
    const onion = sealOnion(serverPublicKey, byteStrings(metadata));
    expect(opened(gateway.open(onion.bytes, 4)).request.headers).toEqual({});
  });

  it('a header with the name of something else is a header and no more', () => {
    const metadata = '{"endpoint":"/","method":"GET","headers":{"__proto__":"a","constructor":"b"}}';
    const { headers } = opened(
      gateway.open(sealOnion(serverPublicKey, byteStrings(metadata)).bytes, 4),
    ).request;
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(headers['tostring']).toBeUndefined();
    expect(headers['toString']).toBeUndefined();
  });

  it('answers with every status, lower-case header names and no content-length', () => {
    const onion = onionRequest(serverPublicKey, { method: 'GET', endpoint: '/' });
    const response = textResponse(404, 'Not Found');
    response.headers['Content-Length'] = '9';
    response.headers['ETag'] = 'x';
    expect(onion.readAnswer(opened(gateway.open(onion.bytes, 4)).seal(response))).toEqual({
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8', etag: 'x' },
      body: Buffer.from('Not Found'),
    });
  });

  it('answers without a body in two strings all the same', () => {
    const onion = onionRequest(serverPublicKey, { method: 'GET', endpoint: '/' });
    const answer = opened(gateway.open(onion.bytes, 4)).seal({
      status: 304,
      headers: {},
      body: Buffer.alloc(0),
    });
    expect(onion.openAnswer(answer).toString()).toBe('l25:{"code":304,"headers":{}}0:e');
  });

  it('never seals two answers alike', () => {
    const onion = onionRequest(serverPublicKey, { method: 'GET', endpoint: '/' });
    const { seal } = opened(gateway.open(onion.bytes, 4));
    expect(seal(textResponse(200, 'x'))).not.toEqual(seal(textResponse(200, 'x')));
  });

  const GOOD = '{"endpoint":"/","method":"GET"}';
  it.each<[string, Buffer]>([
    ['nothing at all', Buffer.alloc(0)],
    ['no bencoded list', Buffer.from(GOOD)],
    ['an empty list', byteStrings()],
    ['three strings', byteStrings(GOOD, 'body', 'more')],
    ['a length that lies', Buffer.from(`l99:${GOOD}e`)],
    ['trailing bytes', Buffer.concat([byteStrings(GOOD), Buffer.from('x')])],
    ['metadata that is no JSON', byteStrings('{"endpoint":')],
    ['metadata that is not UTF-8', byteStrings(Buffer.from([0x22, 0xff, 0x22]))],
    ['metadata that is an array', byteStrings('[]')],
    ['metadata that is null', byteStrings('null')],
    ['no endpoint', byteStrings('{"method":"GET"}')],
    ['an endpoint that is a number', byteStrings('{"endpoint":1,"method":"GET"}')],
    ['an endpoint without leading slash', byteStrings('{"endpoint":"room","method":"GET"}')],
    ['an empty endpoint', byteStrings('{"endpoint":"","method":"GET"}')],
    ['broken percent-encoding', byteStrings('{"endpoint":"/%zz","method":"GET"}')],
    ['percent-encoding that is not UTF-8', byteStrings('{"endpoint":"/%ff","method":"GET"}')],
    ['no method', byteStrings('{"endpoint":"/"}')],
    ['an empty method', byteStrings('{"endpoint":"/","method":""}')],
    ['a method that is null', byteStrings('{"endpoint":"/","method":null}')],
    ['headers that are an array', byteStrings('{"endpoint":"/","method":"GET","headers":[]}')],
    ['headers that are text', byteStrings('{"endpoint":"/","method":"GET","headers":"a"}')],
    ['a header that is a number', byteStrings('{"endpoint":"/","method":"GET","headers":{"a":1}}')],
    ['a header that is null', byteStrings('{"endpoint":"/","method":"GET","headers":{"a":null}}')],
    ['a header twice', byteStrings('{"endpoint":"/","method":"GET","headers":{"A":"1","a":"1"}}')],
    [
      'JSON nested too deeply',
      byteStrings(`{"endpoint":"/","method":"GET","x":${'['.repeat(40)}${']'.repeat(40)}}`),
    ],
    ['JSON nested absurdly', byteStrings('['.repeat(10_000))],
    [
      'metadata beyond the size of a header block',
      byteStrings(`{"endpoint":"/${'x'.repeat(16_384)}","method":"GET"}`),
    ],
  ])('answers 400 inside to %s', (_what, plaintext) => {
    for (const scheme of ['xchacha20', 'aes-gcm'] as const) {
      const onion = sealOnion(serverPublicKey, plaintext, { scheme });
      expect(onion.readAnswer(refused(gateway.open(onion.bytes, 4)))).toEqual({
        status: 400,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Buffer.from('Invalid v4 onion request'),
      });
    }
  });
});

describe('v3', () => {
  const open = (json: string | object) => {
    const plaintext = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const onion = sealOnion(serverPublicKey, plaintext, { version: 3 });
    return { onion, result: gateway.open(onion.bytes, 3) };
  };

  it('gives the request as it would arrive over HTTP', () => {
    const { result } = open({
      endpoint: '/room/fish/message?a=%20',
      method: 'POST',
      headers: { 'X-SOGS-Nonce': 'n' },
      body: '{"data":"🍍"}',
    });
    expect(opened(result).request).toEqual({
      method: 'POST',
      path: '/room/fish/message',
      rawQuery: 'a=%20',
      headers: { 'x-sogs-nonce': 'n' },
      body: Buffer.from('{"data":"🍍"}'),
    });
  });

  it.each([
    ['GET', 'null', ''],
    ['DELETE', 'null', ''],
    ['GET', '', ''],
    ['GET', null, ''],
    ['GET', undefined, ''],
    ['POST', undefined, ''],
    ['POST', 'null', 'null'],
    ['PUT', '{}', '{}'],
  ])('%s with the body %j has the body %j', (method, body, meant) => {
    expect(opened(open({ endpoint: '/', method, body }).result).request.body.toString()).toBe(meant);
  });

  it('answers 2xx with the body, everything else with the status alone, in base64', () => {
    const { onion, result } = open({ endpoint: '/', method: 'GET' });
    const { seal } = opened(result);
    const answer = (status: number) => onion.openAnswer(seal(textResponse(status, 'text'))).toString();
    expect([200, 201, 299].map(answer)).toEqual(['text', 'text', 'text']);
    expect([199, 304, 404].map(answer)).toEqual([
      '{"status_code":199}',
      '{"status_code":304}',
      '{"status_code":404}',
    ]);
    expect(seal(textResponse(200, 'text')).toString()).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  });

  it.each<[number, string, string | object]>([
    [400, 'nothing at all', ''],
    [400, 'no JSON', 'GET /'],
    [400, 'a v4 request', 'l31:{"endpoint":"/","method":"GET"}e'],
    [400, 'an array', []],
    [400, 'no endpoint', { method: 'GET' }],
    [400, 'an endpoint that is a number', { endpoint: 1, method: 'GET' }],
    [400, 'no method', { endpoint: '/' }],
    [400, 'broken percent-encoding', { endpoint: '/%f', method: 'GET' }],
    [400, 'a GET with a body', { endpoint: '/', method: 'GET', body: '{}' }],
    [400, 'a DELETE with a body', { endpoint: '/', method: 'DELETE', body: 'nul' }],
    [400, 'a GET with a body and no leading slash', { endpoint: 'x', method: 'GET', body: '{}' }],
    [400, 'a body that is an object', { endpoint: '/', method: 'POST', body: {} }],
    [400, 'a body that is a number', { endpoint: '/', method: 'POST', body: 1 }],
    [400, 'headers that are text', { endpoint: '/', method: 'GET', headers: 'x' }],
    [400, 'a header twice', { endpoint: '/', method: 'GET', headers: { A: '', a: '' } }],
    [400, 'an endpoint longer than a header block', { endpoint: `/?${'a&'.repeat(10_000)}`, method: 'GET' }],
    [400, 'longer headers', { endpoint: '/', method: 'GET', headers: { a: 'x'.repeat(17_000) } }],
    [400, 'JSON nested too deeply', `{"endpoint":"/","method":"GET","x":${'['.repeat(100_000)}`],
    [404, 'an endpoint without leading slash', { endpoint: 'loki/v3', method: 'GET' }],
    [404, 'an empty endpoint', { endpoint: '', method: 'POST', body: '{}' }],
  ])('answers %d inside to %s', (status, _what, json) => {
    const { onion, result } = open(json);
    expect(JSON.parse(onion.openAnswer(refused(result)).toString())).toEqual({ status_code: status });
  });
});
