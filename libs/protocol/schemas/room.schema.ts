import { z } from 'zod';
import { wholeId } from './id.schema.js';

const time = (what: string) => z.number().describe(`${what}, Unix seconds`);
const count = (what: string) => z.number().int().nonnegative().describe(what);
const sessionIds = (what: string) => z.array(z.string()).describe(`${what}: 66-digit hex ids, sorted`);
const onlyWhenTrue = (what: string) => z.literal(true).optional().describe(`${what}; left out otherwise`);

/** The caller's standing in a room; shared by the room object and pollInfo (protocol.md §5). */
const standing = {
  read: z.boolean().describe('Whether the caller may read messages'),
  write: z.boolean().describe('Whether the caller may post'),
  upload: z.boolean().describe('Whether the caller may upload files; false without write'),
  moderator: onlyWhenTrue('The caller moderates this room'),
  admin: onlyWhenTrue('The caller administers this room'),
  global_moderator: onlyWhenTrue('The caller moderates the whole server'),
  global_admin: onlyWhenTrue('The caller administers the whole server'),
  default_read: z.boolean().optional().describe('Default for everybody; shown to moderators'),
  default_accessible: z.boolean().optional().describe('Default for everybody; shown to moderators'),
  default_write: z.boolean().optional().describe('Default for everybody; shown to moderators'),
  default_upload: z.boolean().optional().describe('Default for everybody; shown to moderators'),
};

export const pinnedMessage = z.object({
  id: count('Id of the pinned message'),
  pinned_at: z.number().int().describe('When it was pinned, whole Unix seconds'),
  pinned_by: z.string().describe('Who pinned it, 66-digit hex id'),
});

export const roomObject = z
  .object({
    token: z.string().describe('Name of the room in paths; compared without case'),
    name: z.string().describe('Display name'),
    description: z.string().optional().describe('Left out when there is none'),
    info_updates: count('Counts metadata changes; pollInfo answers details when it differs'),
    message_sequence: count('Last sequence number given out in this room'),
    created: time('When the room was made'),
    active_users: count('Users active within active_users_cutoff'),
    active_users_cutoff: count('Window of active_users, in seconds'),
    moderators: sessionIds('Visible moderators who are not admins'),
    admins: sessionIds('Visible admins'),
    hidden_moderators: sessionIds('Shown to moderators, left out when empty').optional(),
    hidden_admins: sessionIds('Shown to moderators, left out when empty').optional(),
    image_id: count('File id of the room image').optional(),
    pinned_messages: z.array(pinnedMessage).optional().describe('Oldest pin first; left out when empty'),
    ...standing,
  })
  .meta({ id: 'Room' });

export const pollInfoObject = z
  .object({
    token: z.string().describe('Name of the room in paths'),
    active_users: count('Users active within active_users_cutoff'),
    ...standing,
    details: roomObject.optional().describe('Present when info_updates differs from the number in the path'),
  })
  .meta({ id: 'PollInfo' });

export const infoUpdatesObject = z
  .object({ info_updates: count('The new value of the room’s info_updates') })
  .meta({ id: 'InfoUpdates' });

/** Body of PUT /room/R. At least one known field; unknown ones are ignored. */
export const roomUpdate = z
  .object({
    name: z.string().optional().describe('Display name; control characters are stripped'),
    description: z.string().nullable().optional().describe('Empty or null removes it'),
    default_read: z.boolean().optional().describe('Whether everybody may read'),
    default_accessible: z.boolean().optional().describe('Whether everybody may see that the room exists'),
    default_write: z.boolean().optional().describe('Whether everybody may post'),
    default_upload: z.boolean().optional().describe('Whether everybody may upload'),
    image: wholeId.optional().describe('Id of a file uploaded to this room; 406 if it is none'),
  })
  .meta({ id: 'RoomUpdate' });

export type PinnedMessage = z.infer<typeof pinnedMessage>;
export type RoomObject = z.infer<typeof roomObject>;
export type PollInfoObject = z.infer<typeof pollInfoObject>;
export type RoomUpdate = z.infer<typeof roomUpdate>;
