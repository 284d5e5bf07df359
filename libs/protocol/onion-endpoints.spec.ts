import { ONION_PATHS, onionVersionOf } from './onion-endpoints.js';

const versionOf = (url: string, method = 'POST') => onionVersionOf({ method, url });

describe('the endpoints of onions', () => {
  it('are three, each with its version', () => {
    expect(ONION_PATHS.map((path) => [path, versionOf(path)])).toEqual([
      ['/oxen/v4/lsrpc', 4],
      ['/oxen/v3/lsrpc', 3],
      ['/loki/v3/lsrpc', 3],
    ]);
  });

  it.each([
    '/%6Fxen/v4/lsrpc',
    '/oxen/v4/lsrp%63',
    '/oxen%2fv4/lsrpc',
    '/oxen/v4/lsrpc?x',
    '/oxen/v4/lsrpc?',
  ])('are the same however they are written: %s', (url) => expect(versionOf(url)).toBe(4));

  it.each([
    '/',
    '/oxen/v4/lsrpc/',
    '//oxen/v4/lsrpc',
    '/oxen/v4',
    '/oxen/v4/lsrpc#x',
    '/OXEN/v4/lsrpc',
    '/%zz',
  ])('are none of these: %s', (url) => expect(versionOf(url)).toBeUndefined());

  it('have no absolute form, like everything of the protocol', () =>
    expect(versionOf('http://x/oxen/v4/lsrpc')).toBeUndefined());

  it('take POST alone', () => expect(versionOf('/oxen/v4/lsrpc', 'GET')).toBeUndefined());
});
