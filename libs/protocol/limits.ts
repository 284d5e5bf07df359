/**
 * Every bound of the protocol, in one place (protocol.md §14). Operators change them through the environment
 * (libs/config); code takes the value it needs from here and nowhere else.
 */
export interface Limits {
  httpBodyBytesMax: number;
  httpHeaderBytesMax: number;
  fileBytesMax: number;
  fileNameBytesMax: number;
  messageDataBytesMax: number;
  messageFilesMax: number;
  directMessageBytesMax: number;
  jsonDepthMax: number;
  batchPartsMax: number;
  roomNameCodePointsMax: number;
  roomDescriptionCodePointsMax: number;
  roomTokenLengthMax: number;
  reactionCodePointsMax: number;
  reactionsPerMessageMax: number;
  reactionsPerUserMax: number;
  revisionsPerMessageMax: number;
  pinsPerRoomMax: number;
  scheduledChangesPerUserMax: number;
  moderationRoomsMax: number;
  timestampSkewSecondsMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  httpBodyBytesMax: 11 * 1024 * 1024,
  httpHeaderBytesMax: 16 * 1024,
  fileBytesMax: 10_000_000,
  fileNameBytesMax: 1024,
  messageDataBytesMax: 256 * 1024,
  messageFilesMax: 64,
  directMessageBytesMax: 256 * 1024,
  jsonDepthMax: 32,
  batchPartsMax: 500,
  roomNameCodePointsMax: 200,
  roomDescriptionCodePointsMax: 4000,
  roomTokenLengthMax: 64,
  reactionCodePointsMax: 12,
  reactionsPerMessageMax: 100,
  reactionsPerUserMax: 20,
  revisionsPerMessageMax: 100,
  pinsPerRoomMax: 100,
  scheduledChangesPerUserMax: 100,
  moderationRoomsMax: 1000,
  timestampSkewSecondsMax: 86_400,
};

/** Messages in one answer (protocol.md §4.1): part of the protocol, not of an operator's choice. */
export const MESSAGES_PAGE_DEFAULT = 100;
export const MESSAGES_PAGE_MAX = 256;
/**
 * Bytes of message data in one answer, before which the last message begins: whatever there are, one comes. Far above
 * what 256 ordinary messages take; without it 256 of the largest take 64 MiB, and many readers all memory there is.
 */
export const MESSAGES_PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Names shown per reaction (protocol.md §4, `?reactors=`). */
export const REACTORS_DEFAULT = 4;
export const REACTORS_MAX = 20;
/** A room's own choice of how long messages are kept. */
export const RETENTION_DAYS_MAX = 36_500;
/** Ids and sequence numbers are int8 in storage and `number` here. */
export const ID_MAX = Number.MAX_SAFE_INTEGER;
/** Of a JSON body: a batch of 500 calls has a few thousand. */
export const JSON_VALUES_MAX = 100_000;
/** Of a query string: those behind are as good as unknown. The routes know four. */
export const QUERY_PARAMETERS_MAX = 64;
/**
 * The clear part of an onion request: storage servers put a few hundred bytes there (protocol.md §10). It is
 * parsed before anything is authenticated, so it is kept short.
 */
export const ONION_CONTROL_BYTES_MAX = 4096;
