import { z } from 'zod';
import { CONTENT_TYPE_BYTES, CONTENT_TYPE_JSON, CONTENT_TYPE_TEXT } from '../../../../libs/protocol/wire.js';
import type { Route } from '../dispatch/route.js';

type Json = Record<string, unknown>;

/** Headers of a signed request (protocol.md §2), as one security requirement. */
const SIGNATURE_HEADERS = ['X-SOGS-Pubkey', 'X-SOGS-Nonce', 'X-SOGS-Timestamp', 'X-SOGS-Signature'] as const;

const PLACES: Readonly<Record<string, Json>> = {
  room: {
    type: 'string',
    description: 'Room token, compared without case',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
  },
  sid: { type: 'string', description: 'Session id, 66 hex digits', pattern: '^(05|15)[0-9a-fA-F]{64}$' },
  id: { type: 'integer', format: 'int64', minimum: 0, description: 'Id of a message or file' },
  seqno: { type: 'integer', format: 'int64', minimum: 0, description: 'Sequence number that the caller has' },
  infoUpdates: {
    type: 'integer',
    format: 'int64',
    minimum: 0,
    description: 'info_updates that the caller has',
  },
  emoji: { type: 'string', description: 'The reaction, percent-encoded or raw UTF-8; may contain slashes' },
  name: { type: 'string', description: 'Any name; it means nothing' },
};

const TAGS: Readonly<Record<string, string>> = {
  capabilities: 'server',
  batch: 'server',
  sequence: 'server',
  oxen: 'server',
  loki: 'server',
  rooms: 'rooms',
  room: 'rooms',
  message: 'messages',
  messages: 'messages',
  reaction: 'reactions',
  reactions: 'reactions',
  reactors: 'reactions',
  pin: 'pins',
  unpin: 'pins',
  file: 'files',
  permissions: 'permissions',
  futurePermissions: 'permissions',
  user: 'moderation',
  all: 'moderation',
  inbox: 'direct messages',
  outbox: 'direct messages',
};

/** The protocol's endpoints as OpenAPI 3.1, from the declared routes and their schemas. */
export function openApiDocument(
  routes: Iterable<Route>,
  { version, serverUrl }: { version: string; serverUrl: string },
): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll('...}', '}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plaza: the Session Community protocol',
      version,
      description:
        'What Session clients and a community server say to each other. Clients send these requests inside onion requests; over plain HTTP they mean the same. Times are Unix seconds with fractions, byte strings base64.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(Object.values(TAGS))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes: securitySchemes() },
  };
}

function operation(route: Route, schemas: Json): Json {
  const parameters = [...placesOf(route.path), ...queryParameters(route, schemas)];
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [tagOf(route.path)],
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, schemas),
    responses: responses(route, schemas),
    security: securityOf(route),
  };
}

const operationId = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/[^A-Za-z0-9]+/).filter(Boolean)].join('-');

/** By the last fixed segment that has a tag. */
function tagOf(path: string): string {
  const known = path.split('/').filter((segment) => Object.hasOwn(TAGS, segment));
  return TAGS[known[0] === 'inbox' ? 'inbox' : (known.at(-1) ?? '')] ?? 'server';
}

const placesOf = (path: string): Json[] =>
  [...path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, name]) => {
    const { description, ...schema } = PLACES[name!]!;
    return { name, in: 'path', required: true, description, schema };
  });

function queryParameters({ query }: Route, schemas: Json): Json[] {
  if (!query) return [];
  const { properties = {} } = jsonSchema(query, 'input', schemas) as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }));
}

function requestBody(route: Route, schemas: Json): Json {
  if (route.takesBytes) return { requestBody: { content: { [CONTENT_TYPE_BYTES]: {} } } };
  const body = route.wholeBody ?? route.body;
  if (!body) return {};
  return {
    requestBody: {
      required: true,
      content: { [CONTENT_TYPE_JSON]: { schema: jsonSchema(body, 'input', schemas) } },
    },
  };
}

function responses(route: Route, schemas: Json): Json {
  const { response } = route;
  const content =
    response === 'bytes'
      ? { [CONTENT_TYPE_BYTES]: {} }
      : { [CONTENT_TYPE_JSON]: { schema: jsonSchema(response, 'output', schemas) } };
  return {
    [route.successStatus ?? 200]: { description: 'Done', content },
    ...(route.path.includes('/since/') &&
      route.auth === 'blinded' && { 304: { description: 'Nothing new' } }),
    ...((route.body || route.query) && { 400: refusal('The request is not well-formed') }),
    ...(route.auth !== 'public' && { 401: refusal('A signed request is required') }),
    ...(mayBeForbidden(route) && { 403: refusal('The caller may not') }),
    ...(route.path.includes('{') && {
      404: refusal('There is no such thing, or the caller may not know of it'),
    }),
  };
}

const mayBeForbidden = ({ access, path }: Route): boolean =>
  path.startsWith('/user/') || (access !== undefined && access !== 'accessible');

const refusal = (description: string): Json => ({
  description,
  content: { [CONTENT_TYPE_TEXT]: { schema: { type: 'string', description: 'What is wrong, in words' } } },
});

function securityOf({ auth }: Route): Json[] {
  const signed = Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, []]));
  return auth === 'public' ? [{}, signed] : [signed];
}

const securitySchemes = (): Json =>
  Object.fromEntries(
    SIGNATURE_HEADERS.map((name) => [
      name,
      { type: 'apiKey', in: 'header', name, description: HEADER_MEANINGS[name] },
    ]),
  );

const HEADER_MEANINGS: Record<(typeof SIGNATURE_HEADERS)[number], string> = {
  'X-SOGS-Pubkey': 'Blinded id, 66 hex digits or base64 of 33 bytes',
  'X-SOGS-Nonce': '16 random bytes, hex or base64; used once',
  'X-SOGS-Timestamp': 'Unix seconds, a decimal integer',
  'X-SOGS-Signature': 'Ed25519 over server key, nonce, timestamp, method, path and body hash; base64 or hex',
};

/** A schema with what has a name of its own (`meta.id`) moved to the components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const { $defs = {}, $schema: _dialect, ...root } = made as { $defs?: Json; $schema?: string };
  for (const [name, definition] of Object.entries($defs)) schemas[name] = withComponentRefs(definition);
  const id = schema.meta()?.id;
  if (id === undefined) return withComponentRefs(root) as Json;
  const { id: _id, ...named } = withComponentRefs(root) as Json;
  schemas[id] = named;
  return { $ref: `#/components/schemas/${id}` };
}

/** JSON Schema's own `#/$defs/X` said the way OpenAPI says it. */
function withComponentRefs(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as unknown;
}
