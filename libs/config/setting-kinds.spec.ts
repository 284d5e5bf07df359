import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import {
  boolean,
  credential,
  duration,
  formatDuration,
  formatSize,
  fraction,
  httpOrigin,
  httpUrl,
  integer,
  listenAddress,
  oneOf,
  path,
  postgresUrl,
  processCount,
  redisUrl,
  regionName,
  size,
  type SettingKind,
} from './setting-kinds.js';

const ANY = { min: 0, max: Number.MAX_SAFE_INTEGER };
const context = { cwd: '/srv/plaza' };
const parse = <T>(kind: SettingKind<T>, text: string): T | undefined => kind.parse(text, context);

describe('a duration', () => {
  it.each([
    ['90', 90],
    ['16s', 16],
    ['30m', 1800],
    ['12h', 43_200],
    ['15d', 1_296_000],
    ['15 d', 1_296_000],
    ['1H', 3600],
  ])('%s is %d seconds', (text, seconds) => expect(parse(duration(ANY), text)).toBe(seconds));

  it.each(['', 'd', '-1', '1.5h', '1h30m', '1w', '1e3', '0x10', '١', '15dd', 'constructor', '9'.repeat(16)])(
    'refuses %j',
    (text) => expect(parse(duration(ANY), text)).toBeUndefined(),
  );

  it('refuses what lies outside its bounds', () => {
    const kind = duration({ min: 60, max: 3600 });
    expect(parse(kind, '1m')).toBe(60);
    expect(parse(kind, '1h')).toBe(3600);
    expect(parse(kind, '59s')).toBeUndefined();
    expect(parse(kind, '3601')).toBeUndefined();
  });

  it('reads back how it is written', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), (seconds) => {
        expect(parse(duration(ANY), formatDuration(seconds))).toBe(seconds);
      }),
    );
  });
});

describe('a fraction', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['0.1', 0.1],
    ['0.000001', 0.000001],
    ['1.0', 1],
  ])('%s is %d', (text, value) => expect(parse(fraction, text)).toBe(value));

  it.each(['1.1', '2', '-0.1', '.5', '0.', '10%', '1e-3', 'NaN', '0,5'])('refuses %j', (text) =>
    expect(parse(fraction, text)).toBeUndefined(),
  );
});

describe('a size', () => {
  it.each([
    ['1048576', 1_048_576],
    ['11MiB', 11 * 1024 * 1024],
    ['10MB', 10_000_000],
    ['64KiB', 65_536],
    ['16kB', 16_000],
    ['16kb', 16_000],
    ['1 GiB', 1024 ** 3],
    ['5B', 5],
  ])('%s is %d bytes', (text, bytes) => expect(parse(size(ANY), text)).toBe(bytes));

  it.each(['MiB', '11M', '11 Mi', '-5', '1.5MiB', '1  MiB', '11MiBs', '__proto__', '9'.repeat(20)])(
    'refuses %j',
    (text) => expect(parse(size(ANY), text)).toBeUndefined(),
  );

  it('reads back how it is written', () => {
    const sizes = fc.oneof(
      fc.nat(2 ** 31 - 1),
      fc.nat(2000).map((n) => n * 1024 ** 2),
      fc.nat(2000).map((n) => n * 1000 ** 2),
    );
    fc.assert(fc.property(sizes, (bytes) => expect(parse(size(ANY), formatSize(bytes))).toBe(bytes)));
    expect([20e9, 10e6, 11 * 1024 ** 2, 65_536, 1].map(formatSize)).toEqual([
      '20GB',
      '10MB',
      '11MiB',
      '64KiB',
      '1',
    ]);
  });
});

describe('a whole number', () => {
  const kind = integer({ min: 1, max: 64 });
  it.each([
    ['1', 1],
    ['64', 64],
    ['007', 7],
  ])('takes %s', (text, value) => expect(parse(kind, text)).toBe(value));
  it.each(['0', '65', '-1', '1.0', '1e1', ' ', 'ten', '0x8', '+3'])('refuses %j', (text) =>
    expect(parse(kind, text)).toBeUndefined(),
  );
});

describe('a number of processes', () => {
  it.each([
    ['3', 3],
    ['auto', availableParallelism()],
    ['AUTO', availableParallelism()],
  ])('takes %s', (text, value) => expect(parse(processCount({ min: 1, max: 1024 }), text)).toBe(value));
  it.each(['0', '1025', 'all'])('refuses %j', (text) =>
    expect(parse(processCount({ min: 1, max: 1024 }), text)).toBeUndefined(),
  );
  it('has its bound for auto, too', () => expect(parse(processCount({ min: 1, max: 1 }), 'auto')).toBe(1));
});

describe('a yes or no', () => {
  it.each(['true', 'YES', 'on', '1'])('%s is yes', (text) => expect(parse(boolean, text)).toBe(true));
  it.each(['false', 'No', 'off', '0'])('%s is no', (text) => expect(parse(boolean, text)).toBe(false));
  it.each(['2', 'ja', 'truee', 'toString'])('refuses %j', (text) =>
    expect(parse(boolean, text)).toBeUndefined(),
  );
});

describe('a choice', () => {
  it('is taken in upper and lower case', () => expect(parse(oneOf(['info', 'warn']), 'WARN')).toBe('warn'));
  it('refuses anything else', () => expect(parse(oneOf(['info', 'warn']), 'warning')).toBeUndefined());
});

describe('a path', () => {
  it('starts from the working folder', () => expect(parse(path, './data')).toBe('/srv/plaza/data'));
  it('stays as it is when absolute', () => expect(parse(path, '/var/lib/plaza')).toBe('/var/lib/plaza'));
  it('refuses a NUL', () => expect(parse(path, 'a\0b')).toBeUndefined());
});

describe('an address to listen on', () => {
  it.each(['0.0.0.0', '::', '::1', 'fe80::1%eth0', 'localhost'])('takes %s', (text) =>
    expect(parse(listenAddress, text)).toBe(text),
  );
  it.each(['http://localhost', 'a b', '[::]', 'host/path'])('refuses %j', (text) =>
    expect(parse(listenAddress, text)).toBeUndefined(),
  );
});

describe('a public address', () => {
  it.each([
    ['https://chat.example', 'https://chat.example'],
    ['https://chat.example/', 'https://chat.example'],
    ['http://10.0.0.1:8080/', 'http://10.0.0.1:8080'],
    ['HTTPS://Chat.Example:443', 'https://chat.example'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is kept as %s', (text, origin) => expect(parse(httpOrigin, text)).toBe(origin));

  it.each([
    'chat.example',
    'ftp://chat.example',
    'https://',
    'https://chat.example/path',
    'https://chat.example//',
    'https://chat.example?a=b',
    'https://chat.example/?',
    'https://chat.example/#',
    'https://user:password@chat.example',
    'https://chat.example:99999',
    'https://chat example',
  ])('refuses %s', (text) => expect(parse(httpOrigin, text)).toBeUndefined());
});

describe('an address of HTTP', () => {
  it.each([
    ['http://minio:9000', 'http://minio:9000'],
    ['https://s3.example/storage/v1/', 'https://s3.example/storage/v1'],
  ])('%s is kept as %s', (text, url) => expect(parse(httpUrl, text)).toBe(url));
  it.each(['minio:9000', 's3://b', 'http://', 'http://u:p@h', 'http://h/?a', 'http://h/#a', 'http://h:x'])(
    'refuses %s',
    (text) => expect(parse(httpUrl, text)).toBeUndefined(),
  );
});

describe('what goes into requests to S3', () => {
  it('is a region', () => {
    expect(parse(regionName, 'eu-central-1')).toBe('eu-central-1');
    for (const text of ['eu central', 'eu.central', '']) expect(parse(regionName, text)).toBeUndefined();
  });
  it('is a key or token', () => {
    expect(parse(credential, 'AKIA/+=')).toBe('AKIA/+=');
    for (const text of ['a b', 'a\nb', 'ü', '']) expect(parse(credential, text)).toBeUndefined();
  });
});

describe('the address of a store', () => {
  it.each([
    'postgres://u:p@h/db',
    'postgresql://h:5432,h2:5433/db',
    'postgres:///db?host=/run/postgresql',
    'postgresql://%2Frun%2Fpostgresql/db',
  ])('of PostgreSQL may be %s', (text) => expect(parse(postgresUrl, text)).toBe(text));
  it.each(['mysql://h/db', 'h/db', 'postgres:h', 'postgres://', 'postgres://a b'])(
    'of PostgreSQL is not %j',
    (text) => expect(parse(postgresUrl, text)).toBeUndefined(),
  );
  it.each(['redis://h', 'rediss://u:p@h:6380/2'])('of Redis may be %s', (text) =>
    expect(parse(redisUrl, text)).toBe(text),
  );
  it.each(['http://h', 'redis://', 'redis:///1', 'redis://h:port'])('of Redis is not %j', (text) =>
    expect(parse(redisUrl, text)).toBeUndefined(),
  );
});
