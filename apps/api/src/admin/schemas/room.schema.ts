import { z } from 'zod';
import type { NewRoom, RoomSettings } from '../../../../../libs/community/room-settings.js';
import type { RoomAccess } from '../../../../../libs/community/room-access.js';
import { ID_MAX, RETENTION_DAYS_MAX } from '../../../../../libs/protocol/limits.js';
import type { RoomRecord } from '../../../../../libs/storage/room-record.js';
import { pageQuery } from '../paging.js';
import { adminRole, roomToken, text, time } from './parts.schema.js';
import { isoTime } from '../../../../../libs/protocol/clock.js';

const SEARCH_LENGTH_MAX = 200;
const POSTS_MAX = 10_000;
const WINDOW_SECONDS_MAX = 86_400;
const FREE_TEXT_MAX = 20_000;

export const roomQuery = pageQuery.extend({
  search: text.max(SEARCH_LENGTH_MAX).optional().describe('In the name or the token, without case'),
});

const defaults = z.object({
  read: z.boolean(),
  write: z.boolean(),
  upload: z.boolean(),
  accessible: z.boolean().describe('Whether people who may not read see that the room exists'),
});
const rateLimit = z.object({
  posts: z.int().min(0).max(POSTS_MAX).describe('Of one person within the window; 0: no limit'),
  windowSeconds: z.number().positive().max(WINDOW_SECONDS_MAX),
});
const retentionDays = z.int().min(1).max(RETENTION_DAYS_MAX).describe('Messages are deleted after that');

export const roomResource = z.object({
  token: z.string(),
  name: z.string(),
  description: z.string().optional(),
  imageFileId: z.int().optional(),
  createdAt: time('When it was made'),
  defaults,
  retentionDays: retentionDays.optional(),
  rateLimit: rateLimit.optional().describe("Absent: the server's own"),
  joinLink: z.string().describe('For clients, and for browsers'),
  infoUpdates: z.int(),
  messageSequence: z.int(),
  activeUsers: z.int(),
  closedToNewcomersUntil: time('A raid is under way').optional(),
  role: adminRole.optional().describe('Of whoever asks'),
});

export const newRoom = z.strictObject({
  token: roomToken,
  name: z.string().max(FREE_TEXT_MAX),
  description: z.string().max(FREE_TEXT_MAX).optional(),
  defaults: defaults.partial().optional(),
  retentionDays: retentionDays.optional(),
  rateLimit: rateLimit.optional(),
});

export const roomPatch = z
  .strictObject({
    name: z.string().max(FREE_TEXT_MAX),
    description: z.string().max(FREE_TEXT_MAX).nullable(),
    imageFileId: z.int().positive().max(ID_MAX).nullable().describe('A file of this room'),
    defaults: defaults.partial(),
    retentionDays: retentionDays.nullable().describe('null: they are kept'),
    rateLimit: rateLimit.nullable().describe("null: the server's own"),
  })
  .partial();

/** What {@link roomPatch} can change: the part of a room that its ETag holds writers to. */
export const roomState = (room: RoomRecord) => ({
  token: room.token,
  name: room.name,
  ...(room.description !== null && { description: room.description }),
  ...(room.imageId !== null && { imageFileId: room.imageId }),
  createdAt: isoTime(room.createdAt),
  defaults: {
    read: room.defaultRead,
    write: room.defaultWrite,
    upload: room.defaultUpload,
    accessible: room.defaultAccessible,
  },
  ...(room.retentionDays !== null && { retentionDays: room.retentionDays }),
  ...(room.rateLimitPosts !== null &&
    room.rateLimitWindowSeconds !== null && {
      rateLimit: { posts: room.rateLimitPosts, windowSeconds: room.rateLimitWindowSeconds },
    }),
});

export const isFound = ({ name, token }: RoomRecord, search: string): boolean =>
  [name, token].some((text) => text.toLowerCase().includes(search.toLowerCase()));

/** The rest of what is shown. */
export const roomFacts = ({ room, admin, moderator }: RoomAccess) => ({
  infoUpdates: room.infoUpdates,
  messageSequence: room.messageSequence,
  activeUsers: room.activeUsers,
  ...(room.raidLockedUntil !== null && { closedToNewcomersUntil: isoTime(room.raidLockedUntil) }),
  role: admin ? ('admin' as const) : moderator ? ('moderator' as const) : ('viewer' as const),
});

export const showRoom = (access: RoomAccess, joinLink: string): z.infer<typeof roomResource> => ({
  ...roomState(access.room),
  joinLink,
  ...roomFacts(access),
});

type Changeable = Pick<z.infer<typeof roomPatch>, 'defaults' | 'retentionDays' | 'rateLimit'>;

function ruleSettings({ defaults: wanted = {}, retentionDays: days, rateLimit: limit }: Changeable) {
  const { read, write, upload, accessible } = wanted;
  return {
    ...(read !== undefined && { defaultRead: read }),
    ...(write !== undefined && { defaultWrite: write }),
    ...(upload !== undefined && { defaultUpload: upload }),
    ...(accessible !== undefined && { defaultAccessible: accessible }),
    ...(days !== undefined && { retentionDays: days }),
    ...(limit !== undefined && {
      rateLimitPosts: limit?.posts ?? null,
      rateLimitWindowSeconds: limit?.windowSeconds ?? null,
    }),
  };
}

export const newRoomOf = ({ token, name, description, ...rest }: z.infer<typeof newRoom>): NewRoom => ({
  token,
  name,
  ...(description !== undefined && { description }),
  ...ruleSettings(rest),
});

export const settingsOf = ({
  name,
  description,
  imageFileId,
  ...rest
}: z.infer<typeof roomPatch>): RoomSettings => ({
  ...(name !== undefined && { name }),
  ...(description !== undefined && { description }),
  ...(imageFileId !== undefined && { imageId: imageFileId }),
  ...ruleSettings(rest),
});
