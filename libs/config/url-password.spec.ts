import { namesUser, withPassword } from './url-password.js';

describe('a password beside its address', () => {
  it.each([
    ['postgres://plaza@db/plaza', 'postgres://plaza:a%2Fb%40c@db/plaza'],
    [
      'postgres://plaza@one:5432,two:5432/plaza?sslmode=require',
      'postgres://plaza:a%2Fb%40c@one:5432,two:5432/plaza?sslmode=require',
    ],
    ['postgresql://plaza@/plaza?host=/run/pg', 'postgresql://plaza:a%2Fb%40c@/plaza?host=/run/pg'],
    ['redis://cache:6379/1', 'redis://:a%2Fb%40c@cache:6379/1'],
    ['rediss://plaza@cache', 'rediss://plaza:a%2Fb%40c@cache'],
    ['redis://cache/0?x=a@b', 'redis://:a%2Fb%40c@cache/0?x=a@b'],
  ])('goes into %s', (url, whole) => expect(withPassword(url, 'a/b@c')).toBe(whole));

  it.each(['postgres://plaza:own@db/plaza', 'redis://:own@cache', 'postgres://plaza:@db/plaza'])(
    'gives way to that in %s',
    (url) => expect(withPassword(url, 'other')).toBe(url),
  );
});

describe('a user in an address', () => {
  it.each(['postgres://plaza@db/plaza', 'postgres://plaza:own@db/plaza', 'postgres://p%40z@/x?host=/run'])(
    'is in %s',
    (url) => expect(namesUser(url)).toBe(true),
  );
  it.each(['postgres://db/plaza', 'postgres:///plaza?host=/run/a@b', 'postgres://:own@db/plaza'])(
    'is not in %s',
    (url) => expect(namesUser(url)).toBe(false),
  );
});
