/** All that there are, and those of later versions. */
export const ALL_EVENTS = '*';

/** What a webhook can be told of; the server refuses others. */
export const WEBHOOK_EVENTS: readonly string[] = [
  'message.posted',
  'message.edited',
  'message.deleted',
  'message.pinned',
  'message.unpinned',
  'room.created',
  'room.changed',
  'room.deleted',
  'member.banned',
  'member.unbanned',
  'member.muted',
  'member.unmuted',
  'member.cleared',
  'permissions.changed',
  'moderator.changed',
  'rules.changed',
  'automod.acted',
];
