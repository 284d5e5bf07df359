import type { ActionOrigin } from '../../storage/moderation-log.repository.js';

/** What webhooks can be told, and when. */
export const WEBHOOK_EVENTS = {
  'message.posted': 'a message that everybody in the room sees',
  'message.edited': 'its author changed it',
  'message.deleted': 'it is gone, by whomever',
  'message.pinned': 'a moderator pinned it',
  'message.unpinned': 'it is pinned no more',
  'room.created': 'a room was opened',
  'room.changed': 'its name, description, image, permissions or settings changed',
  'room.deleted': 'it is gone with all that was in it',
  'member.banned': 'somebody was banned from a room, or the server',
  'member.unbanned': 'a ban was lifted or ran out',
  'member.muted': 'somebody may not write for a while',
  'member.unmuted': 'somebody may write again before that time',
  'member.cleared': 'a moderator deleted everything by somebody',
  'permissions.changed': 'somebody got or lost permissions of their own',
  'moderator.changed': 'a role was given or taken away',
  'rules.changed': 'filter or automod rules changed',
  'automod.acted': 'a filter or rule hid, refused or deleted something, or a raid began or ended',
} as const;
export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

/** Instead of names: everything, also what later versions add. */
export const ALL_EVENTS = '*';
/** What the test button sends. */
export const TEST_EVENT = 'ping';

export const isWebhookEvent = (name: string): name is WebhookEvent => Object.hasOwn(WEBHOOK_EVENTS, name);

const MESSAGE_CHANGES: readonly string[] = [
  'message.posted',
  'message.edited',
  'message.deleted',
  ALL_EVENTS,
];

export const wantsMessages = (events: readonly string[]): boolean =>
  events.some((event) => MESSAGE_CHANGES.includes(event));

export const wants = (events: readonly string[], event: WebhookEvent): boolean =>
  events.includes(event) || events.includes(ALL_EVENTS);

const EVENTS_OF_ACTIONS: Readonly<Record<string, WebhookEvent>> = {
  'room.create': 'room.created',
  'room.update': 'room.changed',
  'room.delete': 'room.deleted',
  'ban.set': 'member.banned',
  'ban.lift': 'member.unbanned',
  'mute.set': 'member.muted',
  'mute.lift': 'member.unmuted',
  'message.delete-all': 'member.cleared',
  'message.pin': 'message.pinned',
  'message.unpin': 'message.unpinned',
  'permissions.set': 'permissions.changed',
  'permissions.schedule': 'permissions.changed',
  'moderator.set': 'moderator.changed',
  'filters.change': 'rules.changed',
  'automod.change': 'rules.changed',
};

const AUTOMOD_ACTIONS: readonly string[] = [
  'message.hide',
  'message.reject',
  'message.delete',
  'message.delete-wave',
  'raid.begin',
  'raid.end',
];

/**
 * The event that an entry of the moderation log is. Undefined for what concerns nobody outside: what was only tried,
 * direct messages, and single messages that a moderator deleted, which the change of the message itself tells unless
 * it was never for everybody.
 */
export function eventOfEntry(entry: {
  action: string;
  via: ActionOrigin;
  detail?: Record<string, unknown> | undefined;
}): WebhookEvent | undefined {
  const { action, via, detail } = entry;
  if (detail?.['dryRun'] === true) return undefined;
  const isAutomatic = via === 'filter' || action.startsWith('raid.');
  if (isAutomatic && AUTOMOD_ACTIONS.includes(action)) return 'automod.acted';
  return EVENTS_OF_ACTIONS[action];
}
