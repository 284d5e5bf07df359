import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebhookSender, type Resolve } from './webhook-sender.js';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** Answers every request; returns its port. */
async function answering(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const open = (over: { resolve?: Resolve; timeoutMs?: number } = {}) =>
  new WebhookSender({ privateAddresses: true, ...over });
const closed = (resolve: Resolve) => new WebhookSender({ privateAddresses: false, resolve });
const message = { headers: { 'plaza-event': 'ping' }, body: '{"a":"ü"}' };
const leadsTo =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

describe('a message to a webhook', () => {
  it('is a POST with its headers and the length of its bytes', async () => {
    let seen: unknown;
    const port = await answering((request, response) => {
      const { method, url, headers } = request;
      seen = { method, url, event: headers['plaza-event'], length: headers['content-length'] };
      response.end('thanks');
    });
    const attempt = await open().send(`http://127.0.0.1:${port}/hook?a=1`, message);
    expect(seen).toEqual({ method: 'POST', url: '/hook?a=1', event: 'ping', length: '10' });
    expect(attempt).toMatchObject({ ok: true, status: 200, outcome: 'thanks' });
  });

  it.each([200, 201, 202, 204, 299])('is taken with the status %s', async (status) => {
    const port = await answering((_, response) => response.writeHead(status).end());
    expect(await open().send(`http://127.0.0.1:${port}/`, message)).toMatchObject({ ok: true, status });
  });

  it.each([400, 401, 404, 410, 429, 500, 503])('is not taken with the status %s', async (status) => {
    const port = await answering((_, response) => response.writeHead(status).end('no'));
    expect(await open().send(`http://127.0.0.1:${port}/`, message)).toMatchObject({
      ok: false,
      status,
      outcome: 'no',
    });
  });

  it('does not follow where it is sent on to', async () => {
    let requests = 0;
    const port = await answering((_, response) => {
      requests++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await open().send(`http://127.0.0.1:${port}/`, message)).toMatchObject({
      ok: false,
      status: 307,
      outcome: 'redirects are not followed',
    });
    expect(requests).toBe(1);
  });

  it('does not wait for an answer that does not come', async () => {
    const port = await answering(() => undefined);
    expect(await open({ timeoutMs: 100 }).send(`http://127.0.0.1:${port}/`, message)).toMatchObject({
      ok: false,
      status: undefined,
      outcome: 'no answer within 0.1 s',
    });
  });

  it('does not wait for an answer that never ends', async () => {
    const port = await answering((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect((await open({ timeoutMs: 200 }).send(`http://127.0.0.1:${port}/`, message)).ok).toBe(false);
  });

  it('reads no more of the answer than its beginning, in a line without anything that steers a terminal', async () => {
    const port = await answering((_, response) => {
      response.write(`a\u001b[31m\nb${'x'.repeat(100_000)}`);
      response.end('y'.repeat(10_000_000));
    });
    const { ok, outcome } = await open().send(`http://127.0.0.1:${port}/`, message);
    expect({ ok, length: outcome.length, begin: outcome.slice(0, 8) }).toEqual({
      ok: true,
      length: 200,
      begin: 'a [31m b',
    });
  });

  it('tells in a word why nobody could be reached', async () => {
    const port = await answering(() => undefined);
    await new Promise((resolve) => server!.close(resolve));
    server = undefined;
    const attempt = await open().send(`http://127.0.0.1:${port}/`, message);
    expect(attempt).toMatchObject({ ok: false, status: undefined, outcome: 'ECONNREFUSED' });
  });

  it('ends at once when the process is to end, and that is no attempt', async () => {
    const port = await answering(() => undefined);
    const ending = new AbortController();
    const sent = open().send(`http://127.0.0.1:${port}/`, message, ending.signal);
    setTimeout(() => ending.abort(), 50);
    await expect(sent).rejects.toThrow('aborted');
  });
});

describe('a name', () => {
  it('is resolved once, and the connection goes to what was found', async () => {
    const port = await answering((_, response) => response.end());
    const asked: string[] = [];
    const resolve: Resolve = (hostname) => {
      asked.push(hostname);
      return leadsTo('127.0.0.1')(hostname);
    };
    const attempt = await open({ resolve }).send(`http://bot.example:${port}/`, message);
    expect({ ok: attempt.ok, asked }).toEqual({ ok: true, asked: ['bot.example'] });
  });

  it.each([
    ['this machine', ['127.0.0.1']],
    ['a private network', ['192.168.1.7']],
    ['a cloud’s keys', ['169.254.169.254']],
    ['this machine by IPv6', ['::1']],
    ['this machine in the clothes of IPv6', ['::ffff:127.0.0.1']],
    ['the Internet and this machine', ['93.184.215.14', '127.0.0.1']],
  ])('that leads to %s is not gone to', async (_, addresses) => {
    const attempt = await closed(leadsTo(...addresses)).send('https://innocent.example/', message);
    expect(attempt).toMatchObject({ ok: false, status: undefined });
    expect(attempt.outcome).toMatch(/^not sent: the name leads to an address that is not on the Internet/);
  });

  it('that leads nowhere is told', async () => {
    const attempt = await closed(leadsTo()).send('https://innocent.example/', message);
    expect(attempt).toMatchObject({ ok: false, outcome: 'the name leads nowhere' });
  });
});

it.each(['http://127.0.0.1:1/', 'https://[::1]/', 'https://10.0.0.1/', 'https://localhost/'])(
  'what was allowed to be stored once is still not gone to: %s',
  async (url) => {
    const attempt = await closed(() => Promise.reject(new Error('nobody should ask'))).send(url, message);
    expect(attempt.outcome).toMatch(/^not sent: /);
  },
);
