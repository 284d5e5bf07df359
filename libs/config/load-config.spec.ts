import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ABUSE_LIMITS, type AbuseLimits } from '../protocol/abuse-limits.js';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.js';
import { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { loadConfig, type Environment } from './load-config.js';
import { limitEnvironmentName } from './limit-settings.js';
import { SETTINGS } from './settings.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'plaza-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (env: Environment = {}): Config => loadConfig({ env, cwd }).config;

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig({ env, cwd });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('an empty environment', () => {
  it('gives the defaults', () => {
    expect({ ...load() }).toEqual({
      apiProcesses: 1,
      port: 8080,
      host: '0.0.0.0',
      publicUrl: undefined,
      dataDir: join(cwd, 'data'),
      files: { kind: 'folder', path: join(cwd, 'data', 'files') },
      s3: { region: undefined, endpoint: undefined, pathStyle: false, credentials: undefined },
      databaseUrl: undefined,
      databasePoolSize: 10,
      eraseTableBytesMax: 128 * 1024 * 1024,
      redisUrl: undefined,
      keyFile: join(cwd, 'data', 'key_x25519'),
      requireBlindedIds: true,
      logLevel: 'info',
      showIndex: true,
      showRecent: true,
      runWorker: true,
      workerHealthPort: undefined,
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      wordListFile: undefined,
      startWaitSeconds: 15,
      stopDelaySeconds: 0,
      tracingRatio: 0.1,
      tracingUrl: undefined,
      verifyMessageSignatures: true,
      webhookPrivateAddresses: false,
      limits: DEFAULT_LIMITS,
      abuseLimits: DEFAULT_ABUSE_LIMITS,
      lifetimes: {
        fileSeconds: 15 * 86_400,
        unattachedFileSeconds: 3600,
        editHistorySeconds: 30 * 86_400,
        directMessageSeconds: 15 * 86_400,
        activeUserSeconds: 7 * 86_400,
        roomActivitySeconds: 60 * 86_400,
        moderationLogSeconds: 90 * 86_400,
      },
      rateLimit: { posts: 5, windowSeconds: 16 },
      allowSeveralProcessesWithoutRedis: false,
    });
  });

  it('warns of nothing', () => expect(loadConfig({ env: {}, cwd }).warnings).toEqual([]));
});

describe('the environment', () => {
  it('sets every value', () => {
    const config = load({
      PORT: '0',
      HOST: '::',
      PUBLIC_URL: 'https://chat.example/',
      DATA_DIR: '/var/lib/plaza',
      DATABASE_URL: 'postgres://u:p@h/db',
      DATABASE_POOL_SIZE: '20',
      REDIS_URL: 'redis://h',
      API_PROCESSES: '4',
      REQUIRE_BLINDED_IDS: 'no',
      LOG_LEVEL: 'debug',
      VERIFY_MESSAGE_SIGNATURES: 'off',
      FILE_LIFETIME: '1d',
      RATE_LIMIT_POSTS: '0',
      RATE_LIMIT_WINDOW: '1m',
      PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'yes',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::',
      publicUrl: 'https://chat.example',
      dataDir: '/var/lib/plaza',
      databaseUrl: 'postgres://u:p@h/db',
      databasePoolSize: 20,
      redisUrl: 'redis://h',
      apiProcesses: 4,
      keyFile: '/var/lib/plaza/key_x25519',
      requireBlindedIds: false,
      logLevel: 'debug',
      verifyMessageSignatures: false,
      lifetimes: { fileSeconds: 86_400 },
      rateLimit: { posts: 0, windowSeconds: 60 },
      allowSeveralProcessesWithoutRedis: true,
    });
  });

  it('says where the files are, if not in the data folder', () => {
    expect(load({ DATA_DIR: '/d' }).files).toEqual({ kind: 'folder', path: '/d/files' });
    expect(load({ DATA_DIR: '/d', FILES_URL: 'file:uploads' }).files.kind).toBe('folder');
    expect(load({ FILES_URL: 's3://bucket/p' }).files).toEqual({ kind: 's3', bucket: 'bucket', prefix: 'p' });
  });

  it('tells how to reach S3 the way other programs are told', () => {
    const amazon = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
    expect(load({ ...amazon, AWS_SESSION_TOKEN: 'token' }).s3).toEqual({
      region: 'eu-central-1',
      endpoint: undefined,
      pathStyle: false,
      credentials: { accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' },
    });
    const own = { AWS_ENDPOINT_URL: 'http://other:1', AWS_ENDPOINT_URL_S3: 'http://minio:9000/' };
    expect(load(own).s3).toEqual({
      region: 'us-east-1',
      endpoint: 'http://minio:9000',
      pathStyle: true,
      credentials: undefined,
    });
    expect(load({ AWS_ENDPOINT_URL: 'https://s3.example/v1', S3_PATH_STYLE: 'no' }).s3).toMatchObject({
      endpoint: 'https://s3.example/v1',
      pathStyle: false,
    });
  });

  it('names the key file apart from the data folder', () => {
    expect(load({ DATA_DIR: '/d', KEY_FILE: 'secrets/key' }).keyFile).toBe(join(cwd, 'secrets', 'key'));
  });

  it.each(Object.keys(DEFAULT_LIMITS) as (keyof Limits)[])('sets the limit %s', (limit) => {
    const value = DEFAULT_LIMITS[limit] - 1;
    expect(load({ [limitEnvironmentName(limit)]: String(value) }).limits[limit]).toBe(value);
  });

  it.each(Object.keys(DEFAULT_ABUSE_LIMITS) as (keyof AbuseLimits)[])('sets the limit %s', (limit) => {
    const given = DEFAULT_ABUSE_LIMITS[limit];
    const value = given > 1 ? given - 1 : given + 1; // some stand at their greatest, some at their least
    expect(load({ [limitEnvironmentName(limit)]: String(value) }).abuseLimits[limit]).toBe(value);
  });

  it('counts an empty value as not set', () => expect(load({ PORT: '', LOG_LEVEL: '  ' }).port).toBe(8080));
});

describe('the file .env', () => {
  it('is read', () => {
    writeFileSync(join(cwd, '.env'), '\uFEFFPORT=9000\n# a comment\nexport LOG_LEVEL="warn"\n');
    expect(load()).toMatchObject({ port: 9000, logLevel: 'warn' });
  });

  it('gives way to the environment, even to an empty variable', () => {
    writeFileSync(join(cwd, '.env'), 'PORT=9000\nLOG_LEVEL=warn\n');
    expect(load({ PORT: '9001', LOG_LEVEL: '' })).toMatchObject({ port: 9001, logLevel: 'info' });
  });

  it('is named in a problem that comes from it', () => {
    writeFileSync(join(cwd, '.env'), 'PORT=high\n');
    expect(problemsOf({})).toEqual(['PORT (in .env) is "high", expected a whole number from 0 to 65535']);
  });

  it('must be readable if it exists', () => {
    mkdirSync(join(cwd, '.env'));
    expect(problemsOf({})).toEqual([`${join(cwd, '.env')} cannot be read (EISDIR)`]);
  });
});

describe('a secret in a file', () => {
  const secretFile = (text: string, name = 'secret'): string => {
    writeFileSync(join(cwd, name), text, { mode: 0o600 });
    return join(cwd, name);
  };

  it('is read, whoever names the file', () => {
    const url = secretFile('postgres://u:p@h/db\n');
    expect(load({ DATABASE_URL_FILE: url }).databaseUrl).toBe('postgres://u:p@h/db');
    expect(load({ DATABASE_URL_FILE: 'secret' }).databaseUrl).toBe('postgres://u:p@h/db');
    writeFileSync(join(cwd, '.env'), 'DATABASE_URL_FILE=secret\n');
    expect(load().databaseUrl).toBe('postgres://u:p@h/db');
    expect(loadConfig({ env: {}, cwd }).warnings).toEqual([]);
  });

  it.each([0o644, 0o604, 0o602])('that everybody may read or change (%o) is told of', (mode) => {
    const path = secretFile('a-password-of-mine');
    chmodSync(path, mode);
    const { warnings } = loadConfig({ env: { REDIS_URL: 'redis://r', REDIS_PASSWORD_FILE: path }, cwd });
    const shown = mode.toString(8);
    expect(warnings).toEqual([
      `${path} holds REDIS_PASSWORD and may be read by everybody on this machine (mode ${shown}). Run: chmod 600 ${path}`,
    ]);
  });

  it('may be lent to a group', () => {
    const path = secretFile('a-password-of-mine');
    chmodSync(path, 0o640);
    const env = { REDIS_URL: 'redis://r', REDIS_PASSWORD_FILE: path };
    expect(loadConfig({ env, cwd }).warnings).toEqual([]);
  });

  it('is told of as well in an .env that everybody may read', () => {
    const path = join(cwd, '.env');
    writeFileSync(path, 'PORT=1\n', { mode: 0o644 });
    expect(loadConfig({ env: {}, cwd }).warnings).toEqual([]);
    writeFileSync(path, 'DATABASE_URL=postgres://u:p@h/db\n');
    expect(loadConfig({ env: {}, cwd }).warnings).toEqual([
      expect.stringMatching(/\.env holds DATABASE_URL and may be read by everybody/),
    ]);
  });

  it('is that of every setting that may hold a password, and of no other', () => {
    const file = secretFile('hunter2');
    for (const [name, { secret }] of SETTINGS) {
      const env = { [`${name}_FILE`]: join(cwd, 'nothing') };
      expect([name, problemsOf(env).length]).toEqual([name, secret ? 1 : 0]);
    }
    expect(
      load({ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY_FILE: file }).s3.credentials?.secretAccessKey,
    ).toBe('hunter2');
  });

  it('may be the password alone', () => {
    const env = { DATABASE_PASSWORD_FILE: secretFile('a/b'), REDIS_PASSWORD: 'c@d' };
    expect(load({ ...env, DATABASE_URL: 'postgres://u@h/db', REDIS_URL: 'redis://r' })).toMatchObject({
      databaseUrl: 'postgres://u:a%2Fb@h/db',
      redisUrl: 'redis://:c%40d@r',
    });
    expect(load(env)).toMatchObject({ databaseUrl: undefined, redisUrl: undefined });
    expect(problemsOf({ ...env, DATABASE_URL: 'postgres://h/db' })).toEqual([
      'DATABASE_PASSWORD needs a user in DATABASE_URL, such as postgres://user@host/database',
    ]);
  });

  it('must be there, filled, short, the only one and valid, and is never shown', () => {
    const file = secretFile('hunter2');
    expect(problemsOf({ REDIS_URL_FILE: file })).toEqual([
      'REDIS_URL (in the file of REDIS_URL_FILE) is (not shown, it may hold a password), expected a redis:// or rediss:// address',
    ]);
    expect(problemsOf({ REDIS_URL_FILE: file, REDIS_URL: 'redis://r' })).toEqual([
      'REDIS_URL and REDIS_URL_FILE are both set, expected one of them',
    ]);
    const problemWith = (path: string): string => problemsOf({ REDIS_URL_FILE: path }).join();
    expect(problemWith('/nowhere')).toBe('REDIS_URL_FILE names /nowhere, which cannot be read (ENOENT)');
    expect(problemWith(secretFile(' \n', 'empty'))).toMatch(/which is empty$/);
    expect(problemWith(secretFile('x'.repeat(65_537), 'large'))).toMatch(/which is larger than 65536 bytes$/);
  });
});

describe('an unusable environment', () => {
  it('is refused with all its problems at once', () => {
    const problems = problemsOf({ PORT: '70000', LOG_LEVEL: 'loud', ROOM_TOKEN_LENGTH_MAX: '65' });
    expect(problems).toEqual([
      'PORT is "70000", expected a whole number from 0 to 65535',
      'LOG_LEVEL is "loud", expected one of fatal, error, warn, info, debug, trace, silent',
      'ROOM_TOKEN_LENGTH_MAX is "65", expected a whole number from 1 to 64',
    ]);
    expect(() => loadConfig({ env: { PORT: 'x', HOST: 'a b' }, cwd })).toThrow(
      /- PORT is .*\n {2}- HOST is /,
    );
  });

  it.each(['DATABASE_URL', 'REDIS_URL'])('never shows the value of %s', (name) => {
    const [problem] = problemsOf({ [name]: 'mysql://root:hunter2@db/plaza' });
    expect(problem).toMatch(new RegExp(`^${name} is \\(not shown, it may hold a password\\), expected a `));
    expect(problem).not.toContain('hunter2');
  });

  it('shows no password that strayed into another setting', () => {
    for (const url of ['s3://AKIA:hunter2/+x@bucket', 's3://bucket?secret=hunter2', 'minio://a:hunter2@b/c'])
      expect(problemsOf({ FILES_URL: url })).toEqual([expect.not.stringContaining('hunter2')]);
    expect(problemsOf({ PUBLIC_URL: 'https://me:hunter2@chat.example' })[0]).not.toContain('hunter2');
  });

  it('shortens long values', () =>
    expect(problemsOf({ PORT: '9'.repeat(10_000) })[0]!.length).toBeLessThan(250));

  it('has no place for files larger than a body', () => {
    expect(problemsOf({ FILE_BYTES_MAX: '20MB' })).toEqual([
      'FILE_BYTES_MAX is 20000000 bytes, expected at most HTTP_BODY_BYTES_MAX (11534336 bytes): a file is the body of a request',
    ]);
    expect(problemsOf({ FILE_BYTES_MAX: '20MB', HTTP_BODY_BYTES_MAX: '20MB' })).toEqual([]);
  });

  it.each(['MESSAGE_DATA_BYTES_MAX', 'DIRECT_MESSAGE_BYTES_MAX'])(
    'has no place for a %s beyond a body',
    (name) => {
      expect(problemsOf({ [name]: '8MiB' })).toEqual([]);
      expect(problemsOf({ [name]: '9MiB' })).toEqual([
        `${name} is 9437184 bytes, expected at most 8647680: in base64 it has to fit into HTTP_BODY_BYTES_MAX (11534336 bytes)`,
      ]);
    },
  );

  it('has no half of a pair of credentials', () => {
    const s3 = { FILES_URL: 's3://bucket/prefix', AWS_SECRET_ACCESS_KEY: 'hunter2' };
    expect(problemsOf(s3)).toEqual([
      'AWS_ACCESS_KEY_ID is not set, but its counterpart is: set both or none',
    ]);
    expect(problemsOf({ AWS_SECRET_ACCESS_KEY: 'hunter2' })).toEqual([]);
  });

  it('has no several processes without Redis, except for tests', () => {
    expect(problemsOf({ API_PROCESSES: '2' })).toEqual([
      'API_PROCESSES asks for 2 processes, which need REDIS_URL: what one of them knows of nonces and rate limits is unknown to the others',
    ]);
    expect(problemsOf({ API_PROCESSES: '2', REDIS_URL: 'redis://localhost' })).toEqual([]);
    expect(problemsOf({ API_PROCESSES: '2', PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true' })).toEqual([]);
    expect(problemsOf({ API_PROCESSES: '1' })).toEqual([]);
  });

  it('has no more connections than the embedded database takes', () => {
    const many = { API_PROCESSES: '20', DATABASE_POOL_SIZE: '10', REDIS_URL: 'redis://localhost' };
    expect(problemsOf(many)).toEqual([
      'API_PROCESSES times DATABASE_POOL_SIZE is 200, expected at most 180 with the embedded PostgreSQL: lower one of them or set DATABASE_URL',
    ]);
    expect(problemsOf({ ...many, DATABASE_URL: 'postgres://plaza@db/plaza' })).toEqual([]);
    expect(problemsOf({ ...many, DATABASE_POOL_SIZE: '9' })).toEqual([]);
  });

  it('is not judged twice for one value', () => {
    expect(problemsOf({ API_PROCESSES: '2', REDIS_URL: 'localhost' })).toHaveLength(1);
    expect(
      problemsOf({ API_PROCESSES: '90', REDIS_URL: 'redis://a', DATABASE_URL: 'mysql://a' }),
    ).toHaveLength(1);
    expect(problemsOf({ HTTP_BODY_BYTES_MAX: '1' })).toHaveLength(1);
  });
});

describe('the table of settings', () => {
  it('has defaults that are valid', () => {
    for (const [name, { kind, default: value }] of SETTINGS) {
      if (value !== undefined) expect([name, kind.parse(value, { cwd })]).not.toEqual([name, undefined]);
    }
  });

  it('says what happens without a default', () => {
    for (const [name, setting] of SETTINGS) {
      expect([name, (setting.default === undefined) === (setting.defaultNote !== undefined)]).toEqual([
        name,
        true,
      ]);
    }
  });
});

describe('a config', () => {
  it('cannot be changed', () => {
    const config = load();
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.limits, { jsonDepthMax: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.lifetimes, { fileSeconds: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.rateLimit, { posts: 1 })).toThrow(TypeError);
  });

  it('lends itself to a variant', () => {
    const config = load();
    const variant = new Config({ ...config, port: 0 });
    expect(variant).toBeInstanceOf(Config);
    expect({ ...variant, port: 8080 }).toEqual({ ...config });
  });
});
