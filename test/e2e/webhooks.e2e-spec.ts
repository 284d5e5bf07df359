import { setTimeout as delay } from 'node:timers/promises';
import { adminWith, type AdminClient } from '../support/admin-client.js';
import { endEverything } from '../support/kept-processes.js';
import { newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';
import { signaturesOf, WebhookReceiver } from '../support/webhook-receiver.js';

jest.setTimeout(180_000);

const RECEIVED_WITHIN_MS = 60_000;

let server: PlazaProcess;
let bot: WebhookReceiver;
let admin: AdminClient;
beforeAll(async () => {
  await sessionClientReady();
  [server, bot] = [
    await startPlaza({ env: { WEBHOOK_PRIVATE_ADDRESSES: 'true' } }),
    await WebhookReceiver.open(),
  ];
  admin = await adminWith(server, '--name', 'hooks', '--role', 'admin');
});
afterAll(() => bot.close());
afterAll(endEverything);
beforeEach(() => {
  bot.received.length = 0;
});

async function untilReceived(event: string) {
  const end = Date.now() + RECEIVED_WITHIN_MS;
  for (;;) {
    const found = bot.received.find(({ json }) => json.event === event);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${event} did not come, but ${bot.events.join(', ') || 'nothing'}`);
    await delay(50);
  }
}

it('a webhook of the command line is told by the worker what members and moderators do', async () => {
  const made = await server.plaza('webhook', 'create', bot.url, '--name', 'bot', '--room', 'lobby', '--json');
  const { id, secret } = JSON.parse(made.stdout) as { id: number; secret: string };
  const ann = newAccount(server);
  await post(server, ann, 'lobby', 'hello');
  const posted = await untilReceived('message.posted');
  expect(posted.json).toMatchObject({
    room: { token: 'lobby' },
    message: { sessionId: ann.blindedId, text: 'hello' },
  });
  expect(signaturesOf(posted, secret)).toBe(1);
  const banned = await server.plaza(
    'ban',
    'add',
    ann.blindedId,
    '--room',
    'lobby',
    '--until',
    '1h',
    '--reason',
    'noise',
  );
  expect(banned).toMatchObject({ code: 0, stderr: '' });
  expect((await untilReceived('member.banned')).json).toMatchObject({
    target: ann.blindedId,
    via: 'command-line',
    detail: { reason: 'noise' },
  });
  const deliveries = async () =>
    JSON.parse((await server.plaza('webhook', 'deliveries', String(id), '--json')).stdout) as object[];
  // That it was taken is written once the answer has come.
  await until(async () => !JSON.stringify(await deliveries()).includes('"waiting"'));
  expect(await deliveries()).toMatchObject([
    { event: 'member.banned', state: 'delivered', status: 204 },
    { event: 'message.posted', state: 'delivered', status: 204 },
  ]);
});

it('one of the admin API can be tried, changed as it was read, and removed', async () => {
  const json = { name: 'api', url: bot.url, events: ['room.changed'] };
  const made = await admin.post('/webhooks', json);
  expect(made).toMatchObject({
    status: 201,
    json: { ...json, isPaused: false, secret: expect.stringMatching(/^whs_/) },
  });
  const path = `/webhooks/${made.json.id}`;
  expect((await admin.get(path)).json).not.toHaveProperty('secret');
  expect((await admin.post(`${path}/test`, {})).json).toMatchObject({ isTaken: true, status: 204 });
  expect(signaturesOf(bot.received[0]!, made.json.secret)).toBe(1);
  const etag = made.headers.get('etag')!;
  const change = { json: { name: 'renamed' }, headers: { 'if-match': etag } };
  expect((await admin.ask('PATCH', path, change)).json).toMatchObject({ name: 'renamed' });
  expect((await admin.ask('PATCH', path, change)).status).toBe(412);
  expect((await admin.ask('DELETE', path, { headers: { 'if-match': etag } })).status).toBe(412);
  expect((await admin.ask('DELETE', path)).status).toBe(428);
  const fresh = (await admin.get(path)).headers.get('etag')!;
  expect((await admin.ask('DELETE', path, { headers: { 'if-match': fresh } })).status).toBe(204);
  expect((await admin.get(path)).status).toBe(404);
});

it('an admin of one room makes, sees and changes only those of that room', async () => {
  await server.plaza('room', 'create', 'fish', '--name', 'Fish');
  const local = await adminWith(server, '--name', 'local', '--role', 'admin', '--room', 'fish');
  const json = { name: 'x', url: bot.url, events: ['*'] };
  expect((await local.post('/webhooks', json)).status).toBe(403);
  expect((await local.post('/webhooks', { ...json, room: 'lobby' })).status).toBe(404);
  expect((await local.post('/webhooks', { ...json, room: 'fish' })).status).toBe(201);
  const ofServer = (await admin.post('/webhooks', json)).json.id as number;
  const seen = (await local.get('/webhooks')).json.items as { room?: string }[];
  expect(seen.map(({ room }) => room)).toEqual(['fish']);
  for (const path of ['', '/deliveries'])
    expect((await local.get(`/webhooks/${ofServer}${path}`)).status).toBe(404);
  expect((await local.post(`/webhooks/${ofServer}/test`, {})).status).toBe(404);
  expect((await local.ask('DELETE', `/webhooks/${ofServer}`, { headers: { 'if-match': '*' } })).status).toBe(
    404,
  );
});

it('neither secrets nor addresses of webhooks are in the log of the server', async () => {
  const made = await admin.post('/webhooks', { name: 'quiet', url: `${bot.url}?key=hush`, events: ['*'] });
  await admin.post(`/webhooks/${made.json.id}/test`, {});
  expect(server.stderr()).not.toMatch(/hush|whs_|127\.0\.0\.1:\d+\/hook/);
});
