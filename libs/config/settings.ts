import { RETENTION_DAYS_MAX } from '../protocol/limits.js';
import { filesUrl } from './files-url.js';
import { secretFileName } from './secret-file.js';
import { ABUSE_SETTINGS } from './abuse-settings.js';
import { ABUSE_LIMIT_NAMES, LIMIT_NAMES, LIMIT_SETTINGS, limitEnvironmentName } from './limit-settings.js';
import {
  boolean,
  duration,
  credential,
  fraction,
  httpOrigin,
  httpUrl,
  integer,
  listenAddress,
  oneOf,
  password,
  path,
  postgresUrl,
  processCount,
  redisUrl,
  regionName,
  size,
  type Bounds,
} from './setting-kinds.js';
import { secret, setting, SETTING_GROUPS, unset, type Setting } from './setting.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DAY = 86_400;
const LIFETIME: Bounds = { min: 1, max: RETENTION_DAYS_MAX * DAY };

/**
 * With the limits, the one table of settings. The parser, `.env.example` and the table in the README are made from
 * it, in this order; nothing else names an environment variable.
 */
const BASE_SETTINGS = {
  PORT: setting('Server', integer({ min: 0, max: 65_535 }), '8080', 'Port to listen on (0: any free one)'),
  HOST: setting('Server', listenAddress, '0.0.0.0', 'Address to listen on (`::` for IPv6 and IPv4 together)'),
  PUBLIC_URL: unset(
    'Server',
    httpOrigin,
    'the address of this machine',
    'How clients reach the server; the start of every join link',
  ),
  LOG_LEVEL: setting('Server', oneOf(LOG_LEVELS), 'info', `What is logged: ${LOG_LEVELS.join(', ')}`),
  REQUIRE_BLINDED_IDS: setting(
    'Server',
    boolean,
    'true',
    'Refuse users who show their Session id instead of an id blinded for this server',
  ),
  SHOW_INDEX: setting('Server', boolean, 'true', 'Show a page with the list of public rooms'),
  SHOW_RECENT: setting('Server', boolean, 'true', 'Show recent messages on the pages of public rooms'),
  API_PROCESSES: setting(
    'Server',
    processCount({ min: 1, max: 128 }),
    '1',
    'Processes that serve, behind one port; more than one need REDIS_URL (auto: one per processor)',
  ),
  DATA_DIR: setting('Data', path, './data', 'Folder for everything the server keeps on disk'),
  KEY_FILE: unset(
    'Data',
    path,
    'DATA_DIR/key_x25519',
    'Private key of the server, made at the first start; losing it breaks every join link',
  ),
  DATABASE_URL: secret(
    unset(
      'Data',
      postgresUrl,
      'the embedded PostgreSQL',
      'PostgreSQL 14 or later: postgres://user:password@host/database',
    ),
  ),
  DATABASE_PASSWORD: secret(
    unset('Data', password, 'the one in DATABASE_URL', 'Password for DATABASE_URL, if that has none'),
  ),
  DATABASE_POOL_SIZE: setting(
    'Data',
    integer({ min: 2, max: 500 }),
    '10',
    'Connections to PostgreSQL per process at most',
  ),
  ERASE_TABLE_BYTES_MAX: setting(
    'Data',
    size({ min: 0, max: 2 ** 40 }),
    '128MiB',
    'Tables up to this size are written anew every night, so that nothing deleted stays in their files (0: never; see PRIVACY.md)',
  ),
  REDIS_URL: secret(
    unset(
      'Data',
      redisUrl,
      'no Redis',
      'Redis 6.2 or later (or Valkey), needed when more than one process serves: redis://host:6379',
    ),
  ),
  REDIS_PASSWORD: secret(
    unset('Data', password, 'the one in REDIS_URL', 'Password for REDIS_URL, if that has none'),
  ),
  FILES_URL: unset(
    'Files',
    filesUrl,
    'file:DATA_DIR/files',
    'Where uploaded files are: file:PATH, or s3://BUCKET/PREFIX on Amazon S3 or a server like it',
  ),
  AWS_REGION: unset('Files', regionName, "Amazon's own default", 'Region of the bucket'),
  AWS_ENDPOINT_URL_S3: unset('Files', httpUrl, 'AWS_ENDPOINT_URL', 'Address of an S3-compatible server'),
  AWS_ENDPOINT_URL: unset('Files', httpUrl, "Amazon's", 'The same, if AWS_ENDPOINT_URL_S3 is not set'),
  AWS_ACCESS_KEY_ID: secret(
    unset(
      'Files',
      credential,
      "Amazon's own default",
      'Who we are to S3; without it, profiles and roles count',
    ),
  ),
  AWS_SECRET_ACCESS_KEY: secret(
    unset('Files', credential, "Amazon's own default", 'Belongs to AWS_ACCESS_KEY_ID'),
  ),
  AWS_SESSION_TOKEN: secret(unset('Files', credential, 'none', 'Belongs to temporary credentials')),
  S3_PATH_STYLE: unset(
    'Files',
    boolean,
    'true with an endpoint',
    'Name the bucket in the path of a request rather than in the host',
  ),
  RUN_WORKER: setting(
    'Server',
    boolean,
    'true',
    'Whether the server runs the worker too; false where workers run apart (`npm run start:worker`)',
  ),
  WORKER_HEALTH_PORT: unset(
    'Server',
    integer({ min: 0, max: 65_535 }),
    'off',
    'Port on which a worker apart answers /health/live and /health/ready (0: any free one)',
  ),
  WEBHOOK_PRIVATE_ADDRESSES: setting(
    'Server',
    boolean,
    'false',
    'Let webhooks lead to private networks and this machine, and over http',
  ),
  METRICS_PORT: unset(
    'Server',
    integer({ min: 0, max: 65_535 }),
    'off',
    'Port on which the server, or a worker apart, answers /metrics in the format of Prometheus (0: any free one)',
  ),
  METRICS_HOST: setting(
    'Server',
    listenAddress,
    '127.0.0.1',
    'Address for METRICS_PORT; metrics are not for the public',
  ),
  TRACING_URL: unset(
    'Server',
    httpUrl,
    'off',
    'Where traces are sent: an OpenTelemetry collector that takes OTLP over HTTP, such as http://collector:4318',
  ),
  TRACING_RATIO: setting(
    'Server',
    fraction,
    '0.1',
    'How much of what happens is traced when TRACING_URL is set, from 0 to 1',
  ),
  START_WAIT: setting(
    'Server',
    duration({ min: 0, max: 3600 }),
    '15s',
    'How long a start waits for PostgreSQL and Redis when they are not there yet',
  ),
  STOP_DELAY: setting(
    'Server',
    duration({ min: 0, max: 300 }),
    '0s',
    'How long a server that was told to stop goes on while /health/ready already says no, so that balancers look elsewhere first',
  ),
  VERIFY_MESSAGE_SIGNATURES: setting(
    'Messages',
    boolean,
    'true',
    "Refuse messages whose signature is not their author's",
  ),
  RATE_LIMIT_POSTS: setting(
    'Messages',
    integer({ min: 0, max: 10_000 }),
    '5',
    'Posts per user and room within RATE_LIMIT_WINDOW (0: no limit)',
  ),
  RATE_LIMIT_WINDOW: setting('Messages', duration({ min: 1, max: DAY }), '16s', 'See RATE_LIMIT_POSTS'),
  WORD_LIST_FILE: unset(
    'Messages',
    path,
    'none',
    'Words for the filter of every room that filters words, one a line; see `plaza filter --help`',
  ),
  FILE_LIFETIME: lifetime('15d', 'How long a file in a message is kept'),
  UPLOAD_LIFETIME: lifetime('1h', 'How long an uploaded file waits for its message'),
  EDIT_HISTORY_LIFETIME: lifetime('30d', 'How long earlier versions of edited messages are kept'),
  DIRECT_MESSAGE_LIFETIME: lifetime('15d', 'How long a direct message is kept'),
  ACTIVE_USER_WINDOW: lifetime('7d', 'How recently an active user of a room was there'),
  ROOM_ACTIVITY_LIFETIME: lifetime('60d', 'How long it is kept when a user was last in a room'),
  MODERATION_LOG_LIFETIME: lifetime('90d', 'How long entries of the moderation log are kept'),
  PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: setting(
    'For tests only',
    boolean,
    'false',
    'Lets several processes serve without Redis: replayed requests and rate limits go unnoticed',
  ),
} as const;

/** All settings by environment name, in the order in which they are shown. */
export const SETTINGS: ReadonlyMap<string, Setting<unknown>> = new Map<string, Setting<unknown>>(
  [
    ...Object.entries(BASE_SETTINGS),
    ...LIMIT_NAMES.map(
      (limit) => [limitEnvironmentName(limit), { group: 'Limits', ...LIMIT_SETTINGS[limit] }] as const,
    ),
    ...ABUSE_LIMIT_NAMES.map(
      (limit) => [limitEnvironmentName(limit), { group: 'Abuse', ...ABUSE_SETTINGS[limit] }] as const,
    ),
  ].sort(([, a], [, b]) => SETTING_GROUPS.indexOf(a.group) - SETTING_GROUPS.indexOf(b.group)),
);

/** Whether an environment variable of this name is ours. */
export const isSettingName = (name: string): boolean => SETTINGS.has(name) || SECRET_FILE_NAMES.has(name);

const SECRET_FILE_NAMES: ReadonlySet<string> = new Set(
  [...SETTINGS].filter(([, { secret: isSecret }]) => isSecret).map(([name]) => secretFileName(name)),
);

/** What a valid environment parses to, apart from the limits. */
export type BaseValues = {
  [Name in keyof typeof BASE_SETTINGS]: (typeof BASE_SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

function lifetime(value: string, description: string): Setting<number> {
  return { group: 'Lifetimes', kind: duration(LIFETIME), default: value, description };
}
