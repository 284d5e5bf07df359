import { setTimeout as delay } from 'node:timers/promises';
import { contentBytes, padded, type WrittenContent } from '../support/content-writer.js';
import { endEverything } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { PAYLOADS } from '../support/page-samples.js';
import { type Answer, call, newAccount, onionCall, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { authHeaders, sessionClientReady, signedMessage, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const ORIGIN = 'https://chat.example.org';
const HTML = 'text/html; charset=utf-8';
/** Pages are kept for so long. */
const KEPT_MS = 2_000;

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { PUBLIC_URL: ORIGIN, RATE_LIMIT_POSTS: '0' } });
});
afterAll(() => server?.stop());
afterAll(endEverything);

const get = (target: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(server, undefined, 'GET', target, { headers });
const plaza = async (...args: string[]): Promise<void> => {
  const { code, stderr } = await server.plaza(...args);
  if (code !== 0) throw new Error(stderr);
};
const keyHex = (): string => server.publicKey.toString('hex');

let rooms = 0;
/** A room that no page was made of yet. */
async function newRoom(name = 'A room', description = ''): Promise<string> {
  const token = `room-${++rooms}`;
  await plaza('room', 'create', token, '--name', name, '--description', description);
  await becomes(200, `/room/${token}`);
  return token;
}
/** Until the server knows what a command has changed: within a second. */
const becomes = (status: number, target: string): Promise<void> =>
  until(async () => (await get(target)).status === status);

async function write(room: string, content: WrittenContent, author: Account = newAccount(server)) {
  const json = signedMessage(author, padded(contentBytes(content)));
  const answer = await call(server, author, 'POST', `/room/${room}/message`, { json });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json as { id: number };
}

/** Statuses and types that a browser sees. */
const seen = ({ status, headers }: Answer) => ({ status, type: headers['content-type'] });

describe('the page of all rooms', () => {
  it('lists what everybody may read, and nothing else', async () => {
    const [open, secret, closed] = [
      await newRoom('Open room'),
      await newRoom('Secret'),
      await newRoom('Closed'),
    ];
    await plaza('room', 'set', secret, '--no-read', '--no-accessible');
    await plaza('room', 'set', closed, '--no-read');
    await delay(KEPT_MS + 100);
    const answer = await get('/');
    expect(seen(answer)).toEqual({ status: 200, type: HTML });
    expect(answer.text).toContain(`href="/r/${open}/"`);
    expect(answer.text).toContain('Open room');
    for (const hidden of [secret, closed, 'Secret', 'Closed'])
      expect(answer.text).not.toContain(`>${hidden}<`);
    expect(answer.text).not.toContain(`/r/${secret}/`);
    expect(answer.text).not.toContain(`/r/${closed}/`);
  });

  it('tells how to make the first room when there is none', async () => {
    const empty = await startPlaza();
    const { stderr } = await empty.plaza('room', 'delete', 'lobby', '--yes');
    expect(stderr).toBe('');
    await until(async () => (await call(empty, undefined, 'GET', '/rooms')).json.length === 0);
    const { status, text } = await call(empty, undefined, 'GET', '/');
    expect(status).toBe(200);
    expect(text).toContain('npx plaza room create');
    await empty.stop();
  });
});

describe('the page of a room', () => {
  it('has name, description, join link and QR code', async () => {
    const room = await newRoom('Fish & Chips', 'First line\\nSecond line');
    const answer = await get(`/r/${room}/`);
    expect(seen(answer)).toEqual({ status: 200, type: HTML });
    expect(answer.text).toContain('<h1 dir="auto">Fish &amp; Chips</h1>');
    expect(answer.text).toContain('First line\nSecond line');
    expect(answer.text).toContain(`>${ORIGIN}/${room}?public_key=${keyHex()}</code>`);
    expect(answer.text).toContain('src="invite.png"');
    expect(answer.text).toContain('Nobody has written here yet');
  });

  it('shows recent messages, decoded', async () => {
    const room = await newRoom();
    const bo = newAccount(server);
    await write(room, { body: 'How deep is it?', displayName: 'Bo', timestampMs: 77 }, bo);
    const { id } = await write(room, {
      body: 'Two metres 🐟',
      displayName: 'Ada',
      attachments: [{ fileName: 'pond.png', contentType: 'image/png' }],
      quote: { timestampMs: 77, author: bo.blindedId },
    });
    const emoji = encodeURIComponent('👍');
    await call(server, bo, 'PUT', `/room/${room}/reaction/${id}/${emoji}`, { json: {} });
    const { text } = await get(`/r/${room}/`);
    const shown = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(shown).toMatch(
      /Ada 15\w{4}…\w{4} .* UTC In answer to Bo How deep is it\? Two metres 🐟 Image pond\.png 👍 1 /,
    );
    expect(shown.indexOf('Ada')).toBeLessThan(shown.lastIndexOf('Bo 15'));
  });

  it('shows no whisper, no deleted message, and what it cannot read as such', async () => {
    const room = await newRoom();
    const moderator = newAccount(server);
    await plaza('moderator', 'add', moderator.sessionId, '--room', room);
    await untilModerator(server, moderator, room);
    const whisper = signedMessage(moderator, padded(contentBytes({ body: 'A whisper' })));
    const json = { ...whisper, whisper_mods: true };
    expect((await call(server, moderator, 'POST', `/room/${room}/message`, { json })).status).toBe(201);
    const { id } = await write(room, { body: 'Regretted' }, moderator);
    await call(server, moderator, 'DELETE', `/room/${room}/message/${id}`);
    const unreadable = signedMessage(moderator, Buffer.from('Unreadable'));
    await call(server, moderator, 'POST', `/room/${room}/message`, { json: unreadable });
    const { text } = await get(`/r/${room}/`);
    for (const hidden of ['whisper', 'Regretted', 'Unreadable']) expect(text).not.toContain(hidden);
    expect(text).toContain('Something that only the Session app can show');
  });

  it('shows at most fifty messages, the newest', async () => {
    const room = await newRoom();
    const author = newAccount(server);
    for (let number = 1; number <= 52; number++) await write(room, { body: `number ${number}.` }, author);
    const { text } = await get(`/r/${room}/`);
    expect(text.match(/<li class="message">/g)).toHaveLength(50);
    expect(text).toContain('number 52.');
    expect(text).not.toContain('number 2.');
  });

  it('is made again after two seconds, and not before', async () => {
    let room: string;
    let kept: string;
    // Again when it took so long that the page may have been made again.
    for (let tookMs = Infinity; tookMs > KEPT_MS;) {
      room = await newRoom();
      const begun = performance.now();
      await get(`/r/${room}/`);
      await write(room, { body: 'Late' });
      kept = (await get(`/r/${room}/`)).text;
      tookMs = performance.now() - begun;
    }
    expect(kept!).not.toContain('Late');
    await delay(KEPT_MS + 100);
    expect((await get(`/r/${room!}/`)).text).toContain('Late');
  });

  it.each(PAYLOADS)('shows what strangers write as text: %s', async (payload) => {
    const room = await newRoom(payload, payload);
    await write(room, {
      body: payload,
      displayName: payload,
      attachments: [{ fileName: payload, contentType: payload }],
      quote: { timestampMs: 1, author: payload, text: payload },
    });
    const { text } = await get(`/r/${room}/`);
    expect(text).not.toContain(payload);
    expect(text.match(/<(?:script|img|svg|iframe|textarea)\b[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script src="\/pages\/plaza\.js\?v=\w+" defer>$/),
      expect.stringMatching(/^<img src="\/pages\/plaza\.svg\?v=\w+" alt="" width="28" height="28">$/),
      expect.stringMatching(/^<img class="qr" src="invite\.png"/),
    ]);
    expect(text.replace(/="[^"]*"/g, '')).not.toMatch(/<[^>]*\bon\w+=/);
  });

  it('is found whatever the case of its name', async () => {
    const room = await newRoom();
    const { status, text } = await get(`/r/${room.toUpperCase()}/`);
    expect(status).toBe(200);
    expect(text).toContain(`${ORIGIN}/${room}?public_key=`);
  });

  it.each([['--no-read'], ['--no-read', '--no-accessible']])(
    'is 403 when not everybody may read: %s',
    async (...flags) => {
      const room = await newRoom('Hidden name', 'Hidden description');
      await plaza('room', 'set', room, ...flags);
      await becomes(403, `/room/${room}/messages/recent`);
      for (const target of [`/r/${room}/`, `/r/${room}/invite.png`]) {
        const answer = await get(target);
        expect(seen(answer)).toEqual({ status: 403, type: HTML });
        expect(answer.text).not.toMatch(/Hidden name|Hidden description|public_key/);
      }
    },
  );

  it.each([
    '/r/nowhere/',
    '/r/nowhere/invite.png',
    '/r/no%20where/',
    '/r/no%20where',
    '/r/%00/',
    '/r/a%2Fb/',
  ])('is 404 where there is no room: %s', async (target) => {
    const answer = await get(target);
    expect(seen(answer)).toEqual({ status: 404, type: HTML });
    expect(answer.text).toContain('No such room');
  });
});

describe('the QR code', () => {
  it('is a PNG that browsers may keep for a while', async () => {
    const answer = await get('/r/lobby/invite.png');
    expect(seen(answer)).toEqual({ status: 200, type: 'image/png' });
    expect(answer.body.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect(answer.headers['cache-control']).toBe('public, max-age=600');
  });
});

describe('a browser that opens a join link', () => {
  it.each(['GET', 'HEAD'])('lands on the page of the room (%s)', async (method) => {
    const answer = await call(server, undefined, method, `/lobby?public_key=${keyHex()}`);
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/r/lobby/');
  });

  it('lands there by the other form of link too', async () => {
    const first = await get(`/r/Lobby?public_key=${keyHex()}`);
    expect(first.status).toBe(308);
    expect(first.headers.location).toBe(`/r/Lobby/?public_key=${keyHex()}`);
    expect((await get(first.headers.location!)).status).toBe(200);
  });

  it('lands on the page of a room that has the name of an endpoint', async () => {
    await server.plaza('room', 'create', 'inbox', '--name', 'Inbox');
    await becomes(200, '/room/inbox');
    const answer = await get(`/inbox?public_key=${keyHex()}`);
    expect(answer.headers.location).toBe('/r/inbox/');
    expect((await get(answer.headers.location!)).status).toBe(200);
    expect((await get('/inbox')).status).toBe(401);
    await server.plaza('room', 'delete', 'inbox', '--yes');
  });

  it('is told when the key is not the key of this server', async () => {
    const key = Buffer.alloc(32, 7).toString('hex');
    for (const target of [`/lobby?public_key=${key}`, `/r/lobby/?public_key=${key}`, '/lobby?public_key=']) {
      const answer = await get(target);
      expect(seen(answer)).toEqual({ status: 404, type: HTML });
      expect(answer.text).toContain('This link does not belong here');
    }
  });

  it('is told when there is no such room', async () => {
    const answer = await get(`/nowhere?public_key=${keyHex()}`);
    expect(answer.headers.location).toBe('/r/nowhere/');
  });

  it.each(['/rooms', '/capabilities', '/room/lobby'])('is no client that asks for %s', async (path) => {
    const { status, json } = await get(`${path}?public_key=${keyHex()}`);
    expect(status).toBe(200);
    expect(json).toBeDefined();
  });

  it('is no client that signs its request, sends another method or no key', async () => {
    const target = `/lobby?public_key=${keyHex()}`;
    const signed = authHeaders(newAccount(server), { method: 'GET', target });
    expect((await get(target, signed)).status).toBe(404);
    expect((await get(target, { 'X-SOGS-Nonce': 'x' })).status).toBe(400);
    expect((await call(server, undefined, 'POST', target)).status).toBe(404);
    expect((await get('/lobby?key=1')).status).toBe(404);
    expect((await get('/lobby?x=public_key=1')).status).toBe(404);
  });
});

describe('paths of pages', () => {
  it('of rooms end with a slash', async () => {
    const answer = await get('/r/lobby');
    expect(answer.status).toBe(308);
    expect(answer.headers.location).toBe('/r/lobby/');
  });

  it.each(['/', '/r/lobby', '/r/lobby/', '/r/nowhere/', '/r/lobby/invite.png', '/pages/plaza.css'])(
    'answer HEAD like GET: %s',
    async (target) => {
      const [head, whole] = [await call(server, undefined, 'HEAD', target), await get(target)];
      expect(head.body).toHaveLength(0);
      const { date: _first, ...ofHead } = head.headers;
      const { date: _second, ...ofWhole } = whole.headers;
      expect({ status: head.status, headers: ofHead }).toEqual({ status: whole.status, headers: ofWhole });
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('know no %s', async (method) => {
    for (const target of ['/', '/r/lobby/', '/r/lobby', '/r/lobby/invite.png', '/pages/plaza.css']) {
      const answer = await call(server, undefined, method, target);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
  });

  it('are none inside batches and onion requests', async () => {
    const targets = [
      '/',
      '/r/lobby/',
      '/r/lobby/invite.png',
      `/lobby?public_key=${keyHex()}`,
      '/pages/plaza.css',
    ];
    const json = targets.map((path) => ({ method: 'GET', path }));
    const batch = await call(server, undefined, 'POST', '/batch', { json });
    expect(batch.json.map(({ code }: { code: number }) => code)).toEqual(targets.map(() => 404));
    for (const target of targets)
      expect(await onionCall(server, undefined, 'GET', target)).toMatchObject({ outer: 200, status: 404 });
  });

  it('go through a strict policy', async () => {
    for (const target of [
      '/',
      '/r/lobby/',
      '/r/nowhere/',
      '/r/lobby/invite.png',
      '/pages/plaza.svg',
      '/r/lobby',
    ]) {
      const { headers } = await get(target);
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['set-cookie']).toBeUndefined();
    }
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
  });
});

describe('static files', () => {
  it('have their hash in the address, and are kept for ever by it', async () => {
    const { text } = await get('/');
    const addresses = [...text.matchAll(/"(\/pages\/[^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) {
      const { status, headers } = await get(address);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
  });

  it('are asked for again by any other address, and not sent again', async () => {
    const { headers } = await get('/pages/plaza.css');
    expect(headers).toMatchObject({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' });
    const again = await get('/pages/plaza.css', { 'If-None-Match': headers.etag! });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
  });

  it.each(['/pages/nothing.css', '/pages/..%2Fpages.service.ts', '/pages/constructor', '/pages/'])(
    'are no others: %s',
    async (target) => expect((await get(target)).status).toBe(404),
  );
});

describe('an operator', () => {
  it('can turn off the page of all rooms, and the messages', async () => {
    const quiet = await startPlaza({ env: { SHOW_INDEX: 'false', SHOW_RECENT: 'no' } });
    const author = newAccount(quiet);
    const json = signedMessage(author, padded(contentBytes({ body: 'Overheard' })));
    expect((await call(quiet, author, 'POST', '/room/lobby/message', { json })).status).toBe(201);
    const index = await call(quiet, undefined, 'GET', '/');
    expect(seen(index)).toEqual({ status: 403, type: HTML });
    expect(index.text).not.toContain('lobby');
    const page = await call(quiet, undefined, 'GET', '/r/lobby/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('?public_key=');
    expect(page.text).not.toMatch(/Overheard|Recent messages|href="\/"/);
    await quiet.stop();
  });
});

describe('a page while the database is away', () => {
  it('says so, and when to come again', async () => {
    const postgres = await startOwnPostgres();
    const lonely = await startPlaza({ env: { DATABASE_URL: postgres.url } });
    await postgres.stop();
    for (const target of ['/', '/r/lobby/', '/r/lobby/invite.png']) {
      const answer = await call(lonely, undefined, 'GET', target);
      expect(seen(answer)).toEqual({ status: 503, type: HTML });
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect((await call(lonely, undefined, 'GET', '/pages/plaza.css')).status).toBe(200);
    await lonely.stop();
  });
});

describe('the log', () => {
  it('names no room that somebody looked at', async () => {
    await get('/r/somebodys-secret/');
    await get(`/somebodys-secret?public_key=${'0'.repeat(64)}`);
    await until(() => server.stderr().includes('GET /r/:room/'));
    await delay(200);
    expect(server.stderr()).not.toContain('somebodys-secret');
  });
});
