import { z } from 'zod';
import type { MemberRecord, UserListRecord } from '../../../../../libs/community/admin/directory.service.js';
import { pageQuery } from '../paging.js';
import { banResource } from './ban.schema.js';
import { roomToken, sessionId, sessionIdPrefix, time, timeInput } from './parts.schema.js';
import { isoTime } from '../../../../../libs/protocol/clock.js';

const DAYS_MAX = 3_650;
const ROOMS_MAX = 1_000;

/** A role that somebody has by appointment. */
const appointed = z.enum(['moderator', 'admin']);

export const memberQuery = pageQuery.extend({
  prefix: sessionIdPrefix.optional().describe('Of the Session ID'),
  active: z.coerce.number().positive().max(DAYS_MAX).optional().describe('Was there within so many days'),
});

const permission = (what: string) =>
  z.boolean().nullable().optional().describe(`${what}; null: as the room has it`);

export const permissions = z.object({
  read: permission('Read messages'),
  write: permission('Post'),
  upload: permission('Upload files'),
  accessible: permission('See that the room exists'),
});

export const memberResource = z.object({
  sessionId,
  firstSeen: time('On this server').optional(),
  lastActive: time('In the room, to the hour').optional(),
  posts: z.int().describe('In the room'),
  permissions: z
    .object({ read: z.boolean(), write: z.boolean(), upload: z.boolean(), accessible: z.boolean() })
    .partial()
    .describe('What is different for this person; absent: as the room has it'),
  role: appointed.optional(),
  isBanned: z.boolean().describe('From the room or from the server'),
  mutedUntil: time('When they may write again').optional(),
});

export const memberPatch = z.strictObject({
  permissions: permissions.partial(),
  until: timeInput.optional().describe('Then the room’s own permissions hold again'),
});

export const userQuery = pageQuery.extend({
  prefix: sessionIdPrefix.optional().describe('Of the Session ID'),
  role: appointed.optional().describe('On the server or in some room'),
  banned: z.stringbool().optional().describe('From the server or from some room'),
});

export const userResource = z.object({
  sessionId,
  firstSeen: time('On this server').optional(),
  lastActive: time('To the hour').optional(),
  role: appointed.optional().describe('On the whole server'),
  isBanned: z.boolean().describe('From the whole server'),
});

export const userDetail = userResource.extend({
  isServer: z.boolean().describe('The server itself, as it writes in rooms'),
  roles: z.object({ global: appointed.optional(), rooms: z.record(z.string(), appointed) }),
  bans: z.array(banResource),
  rooms: z.array(
    z.object({
      token: z.string(),
      posts: z.int(),
      lastActive: time('To the hour').optional(),
      role: appointed.optional(),
      isBanned: z.boolean(),
    }),
  ),
});

const givenRole = z.enum(['none', 'moderator', 'admin']);
export type GivenRole = z.infer<typeof givenRole>;

export const rolesInput = z.strictObject({
  global: givenRole.optional().describe('On the whole server'),
  rooms: z
    .record(roomToken, givenRole)
    .refine((rooms) => Object.keys(rooms).length <= ROOMS_MAX, `At most ${ROOMS_MAX} rooms`)
    .optional(),
  visible: z.boolean().optional().describe('Whether everybody sees the role; in rooms yes, on the server no'),
});

export const deletePostsInput = z.strictObject({
  rooms: z.array(roomToken).min(1).max(ROOMS_MAX).optional().describe('Absent: everywhere, to be confirmed'),
});

export const roleOf = ({ moderator, admin }: { moderator: boolean; admin: boolean }) =>
  admin ? ('admin' as const) : moderator ? ('moderator' as const) : undefined;

/** Whoever was only named by an operator was not seen yet. */
const seen = ({ firstSeenAt, lastActiveAt }: { firstSeenAt: number; lastActiveAt: number | null }) =>
  lastActiveAt === null ? {} : { firstSeen: isoTime(firstSeenAt), lastActive: isoTime(lastActiveAt) };

export function showMember(member: MemberRecord): z.infer<typeof memberResource> {
  const { read, write, upload, accessible } = member;
  const role = roleOf({
    moderator: member.moderator || member.globalModerator,
    admin: member.admin || member.globalAdmin,
  });
  return {
    sessionId: member.sessionId,
    ...seen(member),
    posts: member.posts,
    permissions: {
      ...(read !== null && { read }),
      ...(write !== null && { write }),
      ...(upload !== null && { upload }),
      ...(accessible !== null && { accessible }),
    },
    ...(role && { role }),
    isBanned: member.banned || member.bannedEverywhere,
    ...(write === false && member.writesAgainAt !== null && { mutedUntil: isoTime(member.writesAgainAt) }),
  };
}

export function showUser(user: UserListRecord): z.infer<typeof userResource> {
  const role = roleOf(user);
  return { sessionId: user.sessionId, ...seen(user), ...(role && { role }), isBanned: user.banned };
}

export const memberPlace = z.object({ at: z.number(), userId: z.int() });
