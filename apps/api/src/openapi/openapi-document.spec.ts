import 'reflect-metadata';
import { Validator } from '@seriousme/openapi-schema-validator';
import { declaredRoutes } from '../../../../test/support/declared-routes.js';
import type { Route } from '../dispatch/route.js';
import { openApiDocument } from './openapi-document.js';

type Json = Record<string, unknown>;

/** Paths of all properties below a schema that nobody described. */
function undescribed(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const {
    properties = {},
    items,
    anyOf = [],
  } = schema as { properties?: Json; items?: unknown; anyOf?: unknown[] };
  const missing = Object.entries(properties).flatMap(([name, property]) => {
    const described =
      (property as Json)['description'] !== undefined || (property as Json)['$ref'] !== undefined;
    return [...(described ? [] : [`${at}.${name}`]), ...undescribed(property, `${at}.${name}`)];
  });
  return [...missing, ...undescribed(items, `${at}[]`), ...anyOf.flatMap((one) => undescribed(one, at))];
}

describe('the OpenAPI description', () => {
  let routes: Route[];
  let document: Json;
  beforeAll(async () => {
    routes = await declaredRoutes();
    document = openApiDocument(routes, { version: '1.2.3', serverUrl: 'https://chat.example.org' });
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every route, and no other', () => {
    const described = Object.entries(document['paths'] as Record<string, Json>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path.replace('...', '')}`).sort(),
    );
  });

  it('describes every field of every schema', () => {
    const { schemas } = document['components'] as { schemas: Json };
    expect(Object.keys(schemas).length).toBeGreaterThan(15);
    expect(Object.entries(schemas).flatMap(([name, schema]) => undescribed(schema, name))).toEqual([]);
  });

  it('notices a field without a description', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string', description: 'B' } },
    };
    expect(undescribed(schema, 'Thing')).toEqual(['Thing.a']);
  });

  it('refers to nothing that is not there', () => {
    const { schemas } = document['components'] as { schemas: Json };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    expect(references.map(([, name]) => name).filter((name) => !Object.hasOwn(schemas, name!))).toEqual([]);
  });

  it('gives every operation an id of its own', () => {
    const ids = [...JSON.stringify(document).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(routes.length);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
