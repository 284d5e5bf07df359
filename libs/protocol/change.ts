/**
 * What a committed write changed, for every process that keeps copies in memory (ARCHITECTURE.md, "Read models").
 * It says where to look again, never what is there now, so that one that is lost, late or doubled does no harm.
 */
export type Change =
  /** The room's row: settings, counters, and with them roles, permissions and pins; or the room is gone. */
  | { readonly kind: 'room'; readonly roomId: number }
  /** Messages or reactions; `sequence`: what the room's `message_sequence` has reached at least. */
  | { readonly kind: 'messages'; readonly roomId: number; readonly sequence: number }
  /** Global roles or bans. */
  | { readonly kind: 'users' }
  /** The server's filter and automod rules. */
  | { readonly kind: 'rules' }
  /** A direct message between these two, with this id. */
  | { readonly kind: 'mail'; readonly senderId: number; readonly recipientId: number; readonly id: number }
  /** Anything: what is kept is forgotten. */
  | { readonly kind: 'everything' };
