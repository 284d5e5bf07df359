import { z } from 'zod';

const PERMISSIONS = ['read', 'accessible', 'write', 'upload'] as const;
type Permission = (typeof PERMISSIONS)[number];

const SCHEDULE_SECONDS_MAX = 1e9;

const override = (what: string) =>
  z.boolean().optional().describe(`Whether this user may ${what}, whatever the room's default`);
const byDefault = (what: string) =>
  z.boolean().optional().describe(`True: drop the override, the room's default for "${what}" counts again`);

/** What to set (true, false) or drop (null); absent ones stay. */
export type PermissionChange = Partial<Record<Permission, boolean | null>>;

/** Body of POST /room/R/permissions/SID (protocol.md §5). */
export const permissionChange = z
  .object({
    read: override('read'),
    accessible: override('see that the room exists'),
    write: override('post'),
    upload: override('upload files'),
    default_read: byDefault('read'),
    default_accessible: byDefault('accessible'),
    default_write: byDefault('write'),
    default_upload: byDefault('upload'),
    unschedule: z.boolean().optional().describe('False keeps what is scheduled for these permissions'),
  })
  .transform((body, context) => {
    const change: PermissionChange = {};
    for (const permission of PERMISSIONS) {
      const value = body[permission];
      const dropped = body[`default_${permission}`] === true;
      if (value !== undefined && dropped)
        context.addIssue({ code: 'custom', message: `both ${permission} and default_${permission}` });
      if (value !== undefined) change[permission] = value;
      else if (dropped) change[permission] = null;
    }
    if (Object.keys(change).length === 0)
      context.addIssue({ code: 'custom', message: 'no permission is named' });
    return { change, unschedule: body.unschedule ?? true };
  })
  .meta({ id: 'PermissionChange' });

/** Body of POST /room/R/futurePermissions/SID. */
export const scheduledPermissionChange = z
  .object({
    read: z.boolean().optional().describe('Value that read gets then'),
    write: z.boolean().optional().describe('Value that write gets then'),
    upload: z.boolean().optional().describe('Value that upload gets then'),
    in: z.number().gt(0).lt(SCHEDULE_SECONDS_MAX).describe('Seconds from now'),
  })
  .refine(({ read, write, upload }) => (read ?? write ?? upload) !== undefined, {
    message: 'no permission is named',
  })
  .meta({ id: 'ScheduledPermissionChange' });

const onlyWhenTrue = (what: string) => z.literal(true).optional().describe(`${what}; left out otherwise`);

/** Only what is set. */
export const permissionsObject = z
  .object({
    read: z.boolean().optional().describe('Override; left out where the room’s default counts'),
    accessible: z.boolean().optional().describe('Override; left out where the room’s default counts'),
    write: z.boolean().optional().describe('Override; left out where the room’s default counts'),
    upload: z.boolean().optional().describe('Override; left out where the room’s default counts'),
    banned: onlyWhenTrue('Banned from the room'),
    moderator: onlyWhenTrue('Moderator who is no admin'),
    admin: onlyWhenTrue('Admin'),
    hidden: onlyWhenTrue('A moderator or admin whom only moderators see'),
  })
  .meta({ id: 'Permissions' });

export const scheduledObject = z
  .object({
    at: z.number().describe('When, Unix seconds'),
    session_id: z
      .string()
      .optional()
      .describe('Whom, 66-digit hex id; left out where the path names the user'),
    read: z.boolean().optional().describe('Value that read gets'),
    write: z.boolean().optional().describe('Value that write gets'),
    upload: z.boolean().optional().describe('Value that upload gets'),
    banned: z.boolean().optional().describe('False: a ban ends'),
  })
  .meta({ id: 'ScheduledChange' });

export type PermissionsObject = z.infer<typeof permissionsObject>;
export type ScheduledObject = z.infer<typeof scheduledObject>;
