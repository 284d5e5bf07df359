import fc from 'fast-check';
import { WireError } from './errors.js';
import { jsonResponse, parseTarget, textResponse } from './wire.js';

describe('a request target', () => {
  it.each([
    ['/', '/', ''],
    ['/capabilities', '/capabilities', ''],
    ['/room/x?a=b', '/room/x', 'a=b'],
    ['/room/x?', '/room/x', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/reaction/%F0%9F%8D%8D', '/reaction/🍍', ''],
    ['/reaction/🍍', '/reaction/🍍', ''],
    ['/a%2Fb%3Fc', '/a/b?c', ''],
    ['/a?x=%F0%9F%8D%8D+%', '/a', 'x=%F0%9F%8D%8D+%'],
    ['/a+b', '/a+b', ''],
  ])('%s has the path %s and the query %j', (target, path, rawQuery) => {
    expect(parseTarget(target)).toEqual({ path, rawQuery });
  });

  it.each(['', 'room', '?a', 'http://host/room', ' /room'])(
    '%j without a leading slash is refused',
    (target) => {
      expect(() => parseTarget(target)).toThrow(WireError);
    },
  );

  it.each(['/%', '/%f', '/%zz', '/%ff', '/%F0%9F', '/%ED%A0%80', '/%C0%AF'])(
    '%s with broken percent-encoding is refused',
    (target) => {
      expect(() => parseTarget(target)).toThrow(WireError);
    },
  );

  it('is read back from any path, and throws nothing but the protocol’s 400', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (path, query) => {
        expect(parseTarget(`/${encodeURIComponent(path)}?${query}`)).toEqual({
          path: `/${path}`,
          rawQuery: query,
        });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (target) => {
        try {
          parseTarget(target);
        } catch (error) {
          expect(error).toMatchObject({ name: 'WireError', status: 400 });
        }
      }),
    );
  });
});

describe('answers', () => {
  it('have exactly the content types that clients compare', () => {
    expect(jsonResponse({ a: 1 }, 201)).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"a":1}'),
    });
    expect(textResponse(404, 'Not Found')).toEqual({
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: Buffer.from('Not Found'),
    });
  });
});
