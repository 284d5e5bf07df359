import type { Ban } from '../../api/types.js';
import type { Lasting } from '../../parts/lasting.jsx';
import type { May } from '../../session/session.js';

/** The whole server among places; the others are tokens of rooms, which have no such sign. */
export const EVERYWHERE = '*';

/** What is filled in before somebody is banned or muted. */
export interface Sanction {
  /** Empty while it is not chosen. */
  place: string;
  lasting: Lasting;
  reason: string;
  deletesPosts: boolean;
}

/** Where one may ban or mute: of these rooms, and for bans the whole server. */
export const placesFor = (kind: Ban['kind'], rooms: readonly string[], may: May): string[] => [
  ...new Set(rooms.filter((room) => may('moderator', room))),
  ...(kind === 'ban' && may('moderator') ? [EVERYWHERE] : []),
];

export const roomOf = (place: string): string | undefined => (place === EVERYWHERE ? undefined : place);

/** A ban or a mute that is about to be imposed; without a room in the whole server. */
export interface NewSanction {
  kind: Ban['kind'];
  room: string | undefined;
  /** As the API takes it; undefined for ever. */
  until: string | undefined;
}

export interface Standing {
  /** There is one of each kind in a place, so a new one takes the place of the old. */
  replaced: Ban | undefined;
  /** What holds there, too, and goes on. */
  others: Ban[];
}

/** What already holds against somebody where something new is about to be imposed. */
export function standingAt(bans: readonly Ban[], { kind, room }: NewSanction): Standing {
  const holding = bans.filter((ban) => ban.room === room || ban.room === undefined);
  const replaced = holding.find((ban) => ban.kind === kind && ban.room === room);
  return { replaced, others: holding.filter((ban) => ban !== replaced) };
}

/** Whether somebody is let in, or may write, sooner than before. */
export const endsSooner = ({ until }: NewSanction, before: Ban): boolean =>
  until !== undefined && (before.until === undefined || Date.parse(until) < Date.parse(before.until));
