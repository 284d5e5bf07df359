import { DEFAULT_ABUSE_LIMITS, type AbuseLimits } from '../protocol/abuse-limits.js';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.js';
import { limitSettings, type LimitSetting } from './limit-setting-makers.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MINUTE = 60;
const DAY = 86_400;

const { count, bytes, time } = limitSettings(DEFAULT_LIMITS);

/** Every member of {@link Limits}; its environment name is the same name in UPPER_SNAKE. */
export const LIMIT_SETTINGS: Readonly<Record<keyof Limits, LimitSetting>> = {
  httpBodyBytesMax: bytes('httpBodyBytesMax', { min: 64 * KIB, max: GIB }, 'Body of an HTTP request'),
  httpHeaderBytesMax: bytes(
    'httpHeaderBytesMax',
    { min: 2 * KIB, max: MIB },
    'Header block of an HTTP request',
  ),
  fileBytesMax: bytes('fileBytesMax', { min: 1, max: GIB }, 'A file; at most HTTP_BODY_BYTES_MAX'),
  fileNameBytesMax: bytes(
    'fileNameBytesMax',
    { min: 16, max: 4 * KIB },
    'Name of a file, in UTF-8; longer ones are cut',
  ),
  messageDataBytesMax: bytes(
    'messageDataBytesMax',
    { min: KIB, max: 16 * MIB },
    'A message, with its padding',
  ),
  messageFilesMax: count('messageFilesMax', { min: 0, max: 1000 }, 'Files of a message'),
  directMessageBytesMax: bytes('directMessageBytesMax', { min: KIB, max: 16 * MIB }, 'A direct message'),
  jsonDepthMax: count('jsonDepthMax', { min: 8, max: 512 }, 'Nesting of JSON'),
  batchPartsMax: count('batchPartsMax', { min: 1, max: 10_000 }, 'Requests in a batch'),
  roomNameCodePointsMax: count(
    'roomNameCodePointsMax',
    { min: 1, max: 10_000 },
    'Code points of a room name',
  ),
  roomDescriptionCodePointsMax: count(
    'roomDescriptionCodePointsMax',
    { min: 1, max: 100_000 },
    'Code points of a room description',
  ),
  roomTokenLengthMax: count('roomTokenLengthMax', { min: 1, max: 64 }, 'Length of a room token'),
  reactionCodePointsMax: count('reactionCodePointsMax', { min: 1, max: 64 }, 'Code points of a reaction'),
  reactionsPerMessageMax: count(
    'reactionsPerMessageMax',
    { min: 1, max: 10_000 },
    'Different reactions to a message',
  ),
  reactionsPerUserMax: count(
    'reactionsPerUserMax',
    { min: 1, max: 1000 },
    'Reactions of a user to a message',
  ),
  revisionsPerMessageMax: count(
    'revisionsPerMessageMax',
    { min: 0, max: 100_000 },
    'Former versions kept of a message that is edited',
  ),
  pinsPerRoomMax: count('pinsPerRoomMax', { min: 1, max: 10_000 }, 'Pinned messages of a room'),
  scheduledChangesPerUserMax: count(
    'scheduledChangesPerUserMax',
    { min: 1, max: 10_000 },
    'Permissions of a user in a room that are scheduled',
  ),
  moderationRoomsMax: count(
    'moderationRoomsMax',
    { min: 1, max: 100_000 },
    'Rooms named in a moderation call',
  ),
  timestampSkewSecondsMax: time(
    'timestampSkewSecondsMax',
    { min: MINUTE, max: 7 * DAY },
    "How far a request's time may be from the server's",
  ),
};

/** `httpBodyBytesMax` → `HTTP_BODY_BYTES_MAX`. */
export const limitEnvironmentName = (limit: keyof Limits | keyof AbuseLimits): string =>
  limit.replace(/[A-Z]/g, '_$&').toUpperCase();

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
export const ABUSE_LIMIT_NAMES = Object.keys(DEFAULT_ABUSE_LIMITS) as (keyof AbuseLimits)[];
