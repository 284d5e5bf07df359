import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { adminWith, AdminClient, type AdminAnswer } from '../support/admin-client.js';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { pngOf, samplePicture } from '../support/image-samples.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(180_000);

interface Response {
  content?: Record<string, { schema?: object }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
}

let server: PlazaProcess;
let document: Document;
let admin: AdminClient;
let ann: Account;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  document = (await (await fetch(`${server.base}/admin/openapi.json`)).json()) as Document;
  admin = await adminWith(server, '--name', 'contract', '--role', 'admin');
  ann = newAccount(server);
  const upload = await call(server, ann, 'POST', '/room/lobby/file', {
    body: Buffer.from('file'),
    headers: { 'content-disposition': 'attachment; filename="<b>.txt"' },
  });
  expect(upload.status).toBe(201);
  expect((await post(server, ann, 'lobby', 'hello')).status).toBe(201);
});
afterAll(() => server?.stop());
afterAll(endEverything);

/** Answers of the tour, by what was asked. */
const visited = new Set<string>();

/** What the document says of this answer; it fails when the answer is another. */
function checkAnswer(method: string, pattern: string, { status, json, headers, text }: AdminAnswer): void {
  const operation = document.paths[`/admin/v1${pattern}`]?.[method.toLowerCase()];
  expect([pattern, operation]).toEqual([pattern, expect.anything()]);
  const declared = operation!.responses[status];
  expect([method, pattern, status, text, declared]).toEqual([
    method,
    pattern,
    status,
    text,
    expect.anything(),
  ]);
  visited.add(`${method} ${pattern} ${status}`);
  const [type, content] = Object.entries(declared!.content ?? {})[0] ?? [];
  if (type === undefined) return expect(text).toBe('');
  expect(headers.get('content-type')?.split(';')[0]).toBe(type);
  if (!content?.schema || !type.endsWith('json')) return;
  const parsed = z
    .fromJSONSchema(strict(content.schema) as Parameters<typeof z.fromJSONSchema>[0])
    .safeParse(json);
  expect([method, pattern, parsed.error?.message]).toEqual([method, pattern, undefined]);
}

/** Nothing may be answered that the document does not know. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in inner && !('additionalProperties' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}

type Places = Record<string, string | number>;

async function visit(
  method: string,
  pattern: string,
  {
    places = {},
    query = '',
    ...options
  }: { places?: Places; query?: string } & Parameters<AdminClient['ask']>[2] = {},
): Promise<any> {
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(places[name] ?? 'lobby'));
  const answer = await admin.ask(method, path + query, options);
  checkAnswer(method, pattern, answer);
  return answer.json;
}

const ANY = { 'if-match': '*' };

it('the description is valid OpenAPI', async () => {
  expect(document.openapi).toMatch(/^3\.1/);
  expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
});

async function visitRooms(): Promise<void> {
  await visit('GET', '/session');
  await visit('GET', '/server');
  await visit('POST', '/rooms', { json: { token: 'fish', name: 'Fish', defaults: { read: false } } });
  await visit('POST', '/rooms', { json: { token: 'FISH', name: 'Fish' } });
  await visit('POST', '/rooms', { json: { token: 'a b' } });
  await visit('GET', '/rooms', { query: '?limit=1' });
  await visit('GET', '/rooms/{token}');
  await visit('GET', '/rooms/{token}', { places: { token: 'nowhere' } });
  await visit('PATCH', '/rooms/{token}', { json: { description: 'x', retentionDays: 3 }, headers: ANY });
  await visit('PATCH', '/rooms/{token}', { json: {} });
  await visit('PUT', '/rooms/{token}/image', { body: await pngOf(samplePicture(1)) });
  await visit('DELETE', '/rooms/{token}/image');
}

async function visitRules(): Promise<void> {
  for (const kind of ['filters', 'automod']) {
    const places = { kind };
    await visit('GET', '/rooms/{token}/rules/{kind}', { places });
    await visit('PUT', '/rooms/{token}/rules/{kind}', { places, json: {}, headers: ANY });
    await visit('GET', '/server/rules/{kind}', { places });
    await visit('PUT', '/server/rules/{kind}', { places, json: {}, headers: ANY });
  }
  const filters = { profanity: { enabled: true, words: ['hello'] } };
  const preview = await visit('POST', '/rooms/{token}/rules/preview', { json: { filters } });
  expect([preview.judged, preview.caught]).toEqual([1, 1]);
}

async function visitMessages(): Promise<void> {
  const { items } = await visit('GET', '/rooms/{token}/messages', { query: '?text=HEL' });
  const { messageId } = await visit('POST', '/rooms/{token}/announcements', {
    json: { text: 'News', pin: true },
  });
  await visit('DELETE', '/rooms/{token}/messages/{id}/pin', { places: { id: messageId } });
  await visit('PUT', '/rooms/{token}/messages/{id}/pin', { places: { id: messageId } });
  await visit('DELETE', '/rooms/{token}/messages/{id}', { places: items[0] });
  await visit('POST', '/rooms/{token}/messages/delete', { json: { ids: [messageId] } });
}

async function visitFiles(): Promise<void> {
  const files = await visit('GET', '/rooms/{token}/files');
  const file = files.items.at(-1).id;
  await visit('GET', '/rooms/{token}/files/{id}', { places: { id: file } });
  await visit('DELETE', '/rooms/{token}/files/{id}', { places: { id: file } });
  await visit('GET', '/files/usage');
}

async function visitPeople(): Promise<void> {
  const people = { sessionId: ann.blindedId };
  await visit('GET', '/rooms/{token}/members');
  const permissions = { json: { permissions: { upload: false } }, places: people };
  await visit('PATCH', '/rooms/{token}/members/{sessionId}', permissions);
  const ban = await visit('POST', '/bans', {
    json: { ...people, room: 'fish', reason: 'a test', until: later() },
  });
  await visit('POST', '/bans', { json: people });
  await visit('GET', '/bans');
  await visit('GET', '/users', { query: `?banned=true&prefix=${ann.blindedId.slice(0, 6)}` });
  await visit('GET', '/users/{sessionId}', { places: people });
  await visit('DELETE', '/bans/{id}', { places: ban });
  await visit('DELETE', '/bans/{id}', { places: { id: (await admin.get('/bans')).json.items[0].id } });
  const mute = await visit('POST', '/mutes', { json: { ...people, room: 'lobby', until: later() } });
  await visit('DELETE', '/mutes/{id}', { places: mute });
  await visit('PUT', '/users/{sessionId}/roles', { places: people, json: { rooms: { lobby: 'admin' } } });
  await visit('GET', '/moderators');
}

async function visitJobsAndTokens(): Promise<void> {
  const people = { sessionId: ann.blindedId };
  await visit('POST', '/users/{sessionId}/delete-posts', { places: people, json: {} });
  const job = await visit('POST', '/users/{sessionId}/delete-posts', {
    places: people,
    json: { rooms: ['fish'] },
  });
  await visit('GET', '/jobs');
  await visit('GET', '/jobs/{id}', { places: { id: job.jobId } });
  await visit('POST', '/jobs/{id}/retry', { places: { id: 999 } });
  await visit('DELETE', '/jobs/{id}', { places: { id: 999 } });
  await visit('GET', '/log', { query: '?limit=200' });
  const token = await visit('POST', '/tokens', { json: { name: 'x', role: 'viewer', rooms: ['fish'] } });
  await visit('GET', '/tokens');
  await visit('DELETE', '/tokens/{id}', { places: token });
  await visit('DELETE', '/rooms/{token}', { headers: ANY });
  await visit('POST', '/login', { json: people });
  await visit('POST', '/login/redeem', { json: { code: 'x' } });
  await visit('POST', '/logout', { json: {} });
}

async function visitWebhooks(): Promise<void> {
  const json = { name: 'bot', url: 'https://bot.example/', events: ['member.banned'], room: 'lobby' };
  const places = await visit('POST', '/webhooks', { json });
  await visit('POST', '/webhooks', { json: { ...json, url: 'https://127.0.0.1/' } });
  await visit('GET', '/webhooks', { query: '?limit=1' });
  await visit('GET', '/webhooks/{id}', { places });
  await visit('GET', '/webhooks/{id}', { places: { id: 999 } });
  await visit('POST', '/webhooks/{id}/rotate-secret', { places, json: {} });
  await visit('POST', '/webhooks/{id}/test', { places, json: {} });
  await visit('GET', '/webhooks/{id}/deliveries', { places });
  const retry = { places: { ...places, deliveryId: 999 }, json: {} };
  await visit('POST', '/webhooks/{id}/deliveries/{deliveryId}/retry', retry);
  await visit('PATCH', '/webhooks/{id}', { places, json: { isPaused: true } });
  await visit('PATCH', '/webhooks/{id}', { places, json: { isPaused: true }, headers: ANY });
  await visit('DELETE', '/webhooks/{id}', { places, headers: ANY });
  await visit('GET', '/statistics', { query: '?series=posts,moderation&step=hour&room=lobby' });
  await visit('GET', '/statistics', { query: '?series=nonsense' });
}

it('every answer is as the description says, and every endpoint that answers something was visited', async () => {
  await visitRooms();
  await visitRules();
  await visitMessages();
  await visitFiles();
  await visitPeople();
  await visitWebhooks();
  await visitJobsAndTokens();
  const declared = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses)
        .filter(([status, { content }]) => status.startsWith('2') && content?.['application/json'])
        .map(([status]) => `${method.toUpperCase()} ${path.replace('/admin/v1', '')} ${status}`),
    ),
  );
  expect(declared.filter((name) => !visited.has(name))).toEqual([]);
});

const later = (): string => new Date(Date.now() + 3_600_000).toISOString();
