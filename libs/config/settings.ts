import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.js';
import {
  boolean,
  duration,
  formatDuration,
  formatSize,
  httpOrigin,
  integer,
  listenAddress,
  oneOf,
  path,
  postgresUrl,
  redisUrl,
  size,
  type Bounds,
  type SettingKind,
} from './setting-kinds.js';

/**
 * The one table of settings. The parser, `.env.example` and the table in the README are made from it, in this
 * order; nothing else names an environment variable.
 */
export interface Setting<T> {
  readonly group: SettingGroup;
  readonly kind: SettingKind<T>;
  /** As an operator would write it. Undefined: what `defaultNote` says. */
  readonly default: string | undefined;
  /** What happens when it is not set, for settings without a default value. */
  readonly defaultNote?: string;
  /** One line, no full stop. */
  readonly description: string;
  /** Never shown in a message: it may hold a password. */
  readonly secret?: true;
}

export const SETTING_GROUPS = [
  'Server',
  'Data',
  'Messages',
  'Lifetimes',
  'Limits',
  'For tests only',
] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MINUTE = 60;
const DAY = 86_400;
const LIFETIME: Bounds = { min: 1, max: 36_500 * DAY };

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
  DATABASE_POOL_SIZE: setting(
    'Data',
    integer({ min: 1, max: 500 }),
    '10',
    'Connections to PostgreSQL per process at most',
  ),
  REDIS_URL: secret(
    unset(
      'Data',
      redisUrl,
      'no Redis',
      'Redis or Valkey, needed when more than one process serves: redis://host:6379',
    ),
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
  FILE_LIFETIME: lifetime('15d', 'How long a file in a message is kept'),
  UPLOAD_LIFETIME: lifetime('1h', 'How long an uploaded file waits for its message'),
  EDIT_HISTORY_LIFETIME: lifetime('30d', 'How long earlier versions of edited messages are kept'),
  DIRECT_MESSAGE_LIFETIME: lifetime('15d', 'How long a direct message is kept'),
  ACTIVE_USER_WINDOW: lifetime('7d', 'How recently an active user of a room was there'),
  ROOM_ACTIVITY_LIFETIME: lifetime('60d', 'How long it is kept when a user was last in a room'),
  PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: setting(
    'For tests only',
    boolean,
    'false',
    'Lets several processes serve without Redis: replayed requests and rate limits go unnoticed',
  ),
} as const;

/** Every member of {@link Limits}; its environment name is the same name in UPPER_SNAKE. */
const LIMIT_SETTINGS: Readonly<Record<keyof Limits, Omit<Setting<number>, 'group'>>> = {
  httpBodyBytesMax: sizeLimit('httpBodyBytesMax', { min: 64 * KIB, max: GIB }, 'Body of an HTTP request'),
  httpHeaderBytesMax: sizeLimit(
    'httpHeaderBytesMax',
    { min: 2 * KIB, max: MIB },
    'Header block of an HTTP request',
  ),
  fileBytesMax: sizeLimit('fileBytesMax', { min: 1, max: GIB }, 'A file; at most HTTP_BODY_BYTES_MAX'),
  fileNameBytesMax: sizeLimit(
    'fileNameBytesMax',
    { min: 16, max: 4 * KIB },
    'Name of a file, in UTF-8; longer ones are cut',
  ),
  messageDataBytesMax: sizeLimit(
    'messageDataBytesMax',
    { min: KIB, max: 16 * MIB },
    'A message, with its padding',
  ),
  messageFilesMax: countLimit('messageFilesMax', { min: 0, max: 1000 }, 'Files of a message'),
  directMessageBytesMax: sizeLimit('directMessageBytesMax', { min: KIB, max: 16 * MIB }, 'A direct message'),
  jsonDepthMax: countLimit('jsonDepthMax', { min: 8, max: 512 }, 'Nesting of JSON'),
  batchPartsMax: countLimit('batchPartsMax', { min: 1, max: 10_000 }, 'Requests in a batch'),
  roomNameCodePointsMax: countLimit(
    'roomNameCodePointsMax',
    { min: 1, max: 10_000 },
    'Code points of a room name',
  ),
  roomDescriptionCodePointsMax: countLimit(
    'roomDescriptionCodePointsMax',
    { min: 1, max: 100_000 },
    'Code points of a room description',
  ),
  roomTokenLengthMax: countLimit('roomTokenLengthMax', { min: 1, max: 64 }, 'Length of a room token'),
  reactionCodePointsMax: countLimit(
    'reactionCodePointsMax',
    { min: 1, max: 64 },
    'Code points of a reaction',
  ),
  reactionsPerMessageMax: countLimit(
    'reactionsPerMessageMax',
    { min: 1, max: 10_000 },
    'Different reactions to a message',
  ),
  reactionsPerUserMax: countLimit(
    'reactionsPerUserMax',
    { min: 1, max: 1000 },
    'Reactions of a user to a message',
  ),
  moderationRoomsMax: countLimit(
    'moderationRoomsMax',
    { min: 1, max: 100_000 },
    'Rooms named in a moderation call',
  ),
  timestampSkewSecondsMax: {
    kind: duration({ min: MINUTE, max: 7 * DAY }),
    default: formatDuration(DEFAULT_LIMITS.timestampSkewSecondsMax),
    description: "How far a request's time may be from the server's",
  },
};

/** `httpBodyBytesMax` → `HTTP_BODY_BYTES_MAX`. */
export const limitEnvironmentName = (limit: keyof Limits): string =>
  limit.replace(/[A-Z]/g, '_$&').toUpperCase();

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

/** All settings by environment name, in the order in which they are shown. */
export const SETTINGS: ReadonlyMap<string, Setting<unknown>> = new Map<string, Setting<unknown>>(
  [
    ...Object.entries(BASE_SETTINGS),
    ...LIMIT_NAMES.map(
      (limit) => [limitEnvironmentName(limit), { group: 'Limits', ...LIMIT_SETTINGS[limit] }] as const,
    ),
  ].sort(([, a], [, b]) => SETTING_GROUPS.indexOf(a.group) - SETTING_GROUPS.indexOf(b.group)),
);

/** What a valid environment parses to, apart from the limits. */
export type BaseValues = {
  [Name in keyof typeof BASE_SETTINGS]: (typeof BASE_SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

function setting<T>(
  group: SettingGroup,
  kind: SettingKind<T>,
  value: string,
  description: string,
): Setting<T> {
  return { group, kind, default: value, description };
}

function unset<T>(
  group: SettingGroup,
  kind: SettingKind<T>,
  defaultNote: string,
  description: string,
): Setting<T | undefined> {
  return { group, kind, default: undefined, defaultNote, description };
}

function secret<T>(of: Setting<T>): Setting<T> {
  return { ...of, secret: true };
}

function lifetime(value: string, description: string): Setting<number> {
  return { group: 'Lifetimes', kind: duration(LIFETIME), default: value, description };
}

function sizeLimit(limit: keyof Limits, bounds: Bounds, description: string): Omit<Setting<number>, 'group'> {
  return { kind: size(bounds), default: formatSize(DEFAULT_LIMITS[limit]), description };
}

function countLimit(
  limit: keyof Limits,
  bounds: Bounds,
  description: string,
): Omit<Setting<number>, 'group'> {
  return { kind: integer(bounds), default: String(DEFAULT_LIMITS[limit]), description };
}
