import type { PollInfoObject, RoomObject } from '../protocol/schemas/room.schema.js';
import type { PinRecord } from '../storage/pins.repository.js';
import type { ModeratorList } from './moderator-list.js';
import type { RoomAccess } from './room-access.js';

/** The room as the caller sees it. Optional members are left out, never null (clients.md, "JSON"). */
export function roomObject(
  access: RoomAccess,
  people: ModeratorList,
  pins: readonly PinRecord[],
  activeUserSeconds: number,
): RoomObject {
  const { room } = access;
  const hidden = access.moderator ? people : undefined;
  return {
    token: room.token,
    name: room.name,
    ...(room.description !== null && { description: room.description }),
    info_updates: room.infoUpdates,
    message_sequence: room.messageSequence,
    created: room.createdAt,
    active_users: room.activeUsers,
    active_users_cutoff: activeUserSeconds,
    moderators: people.moderators,
    admins: people.admins,
    ...(hidden && hidden.hiddenModerators.length > 0 && { hidden_moderators: hidden.hiddenModerators }),
    ...(hidden && hidden.hiddenAdmins.length > 0 && { hidden_admins: hidden.hiddenAdmins }),
    ...(room.imageId !== null && { image_id: room.imageId }),
    ...(pins.length > 0 && { pinned_messages: pins.map(pinnedMessage) }),
    ...standing(access),
  };
}

/** What a poll answers; `details` only when the caller does not have them yet. */
export function pollInfoObject(access: RoomAccess, details: RoomObject | undefined): PollInfoObject {
  const { token, activeUsers } = access.room;
  return { token, active_users: activeUsers, ...standing(access), ...(details && { details }) };
}

function standing(access: RoomAccess) {
  const { room, read, write, upload, moderator, admin, globalModerator, globalAdmin } = access;
  return {
    read,
    write,
    upload,
    ...(moderator && {
      moderator: true as const,
      default_read: room.defaultRead,
      default_accessible: room.defaultAccessible,
      default_write: room.defaultWrite,
      default_upload: room.defaultUpload,
    }),
    ...(admin && { admin: true as const }),
    ...(globalModerator && { global_moderator: true as const }),
    ...(globalAdmin && { global_admin: true as const }),
  };
}

/** Whole seconds: Android reads an integer. */
const pinnedMessage = (pin: PinRecord) => ({
  id: pin.messageId,
  pinned_at: Math.floor(pin.pinnedAt),
  pinned_by: pin.pinnedBy,
});
