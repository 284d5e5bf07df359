import { z } from 'zod';
import { BAN_KINDS, type BanRecord } from '../../../../../libs/community/admin/ban-list.service.js';
import { ID_MAX } from '../../../../../libs/protocol/limits.js';
import { pageQuery } from '../paging.js';
import {
  reason,
  roomToken,
  sessionId,
  sessionIdInput,
  sessionIdPrefix,
  time,
  timeInput,
} from './parts.schema.js';
import { isoTime } from '../../../../../libs/protocol/clock.js';

export const banQuery = pageQuery.extend({
  room: roomToken.optional(),
  prefix: sessionIdPrefix.optional().describe('Of the Session ID'),
  kind: z.enum(BAN_KINDS).optional(),
});

export const banResource = z.object({
  id: z.string().describe('Opaque'),
  kind: z.enum(BAN_KINDS),
  sessionId,
  room: z.string().optional().describe('Absent: the whole server'),
  until: time('When it ends by itself').optional(),
  since: time('When it was imposed, as far as the log goes back').optional(),
  by: z.string().optional().describe('Session ID, or the name of a token'),
  via: z.string().optional(),
  reason: z.string().optional(),
});

export const newBan = z.strictObject({
  sessionId: sessionIdInput,
  room: roomToken.optional().describe('Absent: the whole server'),
  until: timeInput.optional().describe('Absent: until it is lifted'),
  reason,
  deletePosts: z.boolean().optional().describe('Also delete everything that they posted there'),
});

export const newMute = z.strictObject({
  sessionId: sessionIdInput,
  room: roomToken,
  until: timeInput.optional().describe('Absent: until it is lifted'),
  reason,
});

/** What a ban's id says. */
export interface BanPlace {
  userId: number;
  /** Undefined: the whole server. */
  roomId: number | undefined;
}

const BAN_ID = /^([0-9]{1,16})-([0-9]{1,16}|server)$/;

const idOf = ({ userId, roomId }: Pick<BanRecord, 'userId' | 'roomId'>): string =>
  `${userId}-${roomId ?? 'server'}`;

export const banId = z
  .string()
  .regex(BAN_ID)
  .transform((text): BanPlace => {
    const [, userId, roomId] = BAN_ID.exec(text)!;
    return { userId: Number(userId), roomId: roomId === 'server' ? undefined : Number(roomId) };
  })
  .refine(({ userId, roomId = 0 }) => userId <= ID_MAX && roomId <= ID_MAX);

export const banPlace = z.object({ at: z.number(), userId: z.int(), roomId: z.int() });

export const showBan = (ban: BanRecord): z.infer<typeof banResource> => ({
  id: idOf(ban),
  kind: ban.kind,
  sessionId: ban.sessionId,
  ...(ban.room !== null && { room: ban.room }),
  ...(ban.until !== null && { until: isoTime(ban.until) }),
  ...(ban.at > 0 && { since: isoTime(ban.at) }),
  ...(ban.by !== null && { by: ban.token ?? ban.by }),
  ...(ban.via !== null && { via: ban.via }),
  ...(ban.reason !== null && { reason: ban.reason }),
});
