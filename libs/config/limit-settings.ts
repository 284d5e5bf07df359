import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.js';
import { duration, formatDuration, formatSize, integer, size, type Bounds } from './setting-kinds.js';
import type { Setting } from './setting.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MINUTE = 60;
const DAY = 86_400;

/** Every member of {@link Limits}; its environment name is the same name in UPPER_SNAKE. */
export const LIMIT_SETTINGS: Readonly<Record<keyof Limits, Omit<Setting<number>, 'group'>>> = {
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
