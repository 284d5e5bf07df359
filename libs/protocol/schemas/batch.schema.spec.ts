import fc from 'fast-check';
import { batchParts, ordinaryBatchParts } from './batch.schema.js';

const PARTS_MAX = 4;
const schema = batchParts(PARTS_MAX);
const GET = { method: 'GET', path: '/capabilities' };

describe('an ordinary list of batch parts', () => {
  it.each<[string, unknown]>([
    ['nothing', []],
    ['one GET', [GET]],
    ['as many as are allowed', [GET, GET, GET, GET]],
    ['members that mean nothing', [{ ...GET, id: 7 }]],
    ['headers that are null', [{ ...GET, headers: null }]],
    ['headers, as Android sends them', [{ ...GET, headers: { 'X-SOGS-Nonce': 'a', 'Content-Length': '0' } }]],
  ])('is read as the schema reads it: %s', (_, json) => {
    expect(ordinaryBatchParts(json, PARTS_MAX)).toEqual(schema.parse(json));
  });

  it.each<[string, unknown]>([
    ['no list', { 0: GET }],
    ['too many', [GET, GET, GET, GET, GET]],
    ['null', [null]],
    ['a path without slash', [{ ...GET, path: 'capabilities' }]],
    ['another method', [{ method: 'DELETE', path: '/inbox' }]],
    ['a body', [{ ...GET, json: {} }]],
    ['a body that is null', [{ ...GET, json: null }]],
    ['an empty body', [{ ...GET, bytes: '' }]],
    ['headers in a list', [{ ...GET, headers: ['a'] }]],
    ['a header that is no text', [{ ...GET, headers: { a: 1 } }]],
    [
      'a header that only looks like one',
      [JSON.parse('{"method":"GET","path":"/","headers":{"__proto__":"a"}}')],
    ],
  ])('is left to the schema: %s', (_, json) => {
    expect(ordinaryBatchParts(json, PARTS_MAX)).toBeUndefined();
  });

  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('GET', 'POST', '/', 'W10=', undefined));
  const almost = fc.record(
    {
      method: fc.oneof({ weight: 9, arbitrary: fc.constant('GET') }, { weight: 1, arbitrary: anything }),
      path: fc.oneof(
        { weight: 9, arbitrary: fc.string().map((text) => `/${text}`) },
        { weight: 1, arbitrary: anything },
      ),
      headers: fc.oneof(fc.dictionary(fc.string(), fc.string()), anything),
      json: anything,
      b64: anything,
      bytes: anything,
    },
    { requiredKeys: ['method', 'path'] },
  );

  it('is never read differently, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(almost, { maxLength: PARTS_MAX + 1 }), (parts) => {
        const json: unknown = JSON.parse(JSON.stringify(parts));
        const ordinary = ordinaryBatchParts(json, PARTS_MAX);
        if (ordinary) expect(ordinary).toEqual(schema.parse(json));
      }),
      { numRuns: 500 },
    );
  });
});
