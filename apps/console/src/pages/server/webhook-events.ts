/** What a webhook can be told of. */
export const WEBHOOK_EVENTS: readonly string[] = [
  'message.posted',
  'message.edited',
  'message.deleted',
  'room.created',
  'room.changed',
  'room.deleted',
  'user.banned',
  'user.unbanned',
];
