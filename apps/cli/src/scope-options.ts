import { Option, type Command } from 'commander';
import { RoomsService } from '../../../libs/community/rooms.service.js';
import type { RoomAccess } from '../../../libs/community/room-access.js';
import { CommandUsageError } from './command-error.js';
import type { Installation } from './installation.js';
import { knownToken, noSuchRoom } from './room.command.js';

/** Where something is to hold. */
export interface Scope {
  global?: true;
  room?: string[];
}

/** Adds the options that say where. */
export const scoped = (command: Command): Command =>
  command
    .addOption(new Option('--global', 'on the whole server').conflicts('room'))
    .addOption(new Option('--room <tokens...>', 'in these rooms'));

/** Throws unless somebody said where. */
export function requireScope({ global, room }: Scope): void {
  if (!global && !room) throw new CommandUsageError('Say where: --global, or --room TOKEN.');
}

/** `on the whole server`, `in "fish", "birds"`. */
export const placesOf = ({ global, room = [] }: Scope): string =>
  global ? 'on the whole server' : `in ${room.map((token) => `"${token}"`).join(', ')}`;

/** The rooms as the operator may use them, which is in every way. Throws for one that is not there. */
export async function operatorAccesses(
  { get, operator }: Installation,
  tokens: readonly string[],
): Promise<RoomAccess[]> {
  const found = await get(RoomsService).openAll(tokens.map(knownToken), undefined);
  const byToken = new Map(found.map((access) => [access.room.token.toLowerCase(), access]));
  return tokens.map((token) => {
    const access = byToken.get(token.toLowerCase());
    if (!access) throw noSuchRoom(token);
    return { ...access, userId: operator.userId, moderator: true, admin: true };
  });
}
