import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension, ApiParam, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { AdminRole, Principal } from '../../../../libs/community/admin/principal.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import type { AdminRequest } from './exchange.js';
import { problemAnswer } from './answers.js';

/** `anywhere`: in at least one room; `everywhere`: on the whole server; `room`: in the one that the path names. */
export type Where = 'anywhere' | 'everywhere' | 'room';

export interface Need {
  role: AdminRole;
  where: Where;
}

export const NEED = 'plaza:admin-need';

/** What the asking principal must be for this endpoint; without it, it is open to everybody. */
export const Needs = (role: AdminRole, where: Where): MethodDecorator =>
  applyDecorators(
    SetMetadata(NEED, { role, where } satisfies Need),
    ApiExtension('x-plaza-role', { role, where }),
    ApiSecurity('token'),
    ApiSecurity('session'),
    ...(where === 'room'
      ? [RoomInPath(), ApiResponse(problemAnswer(404, 'There is no such room, or none that the caller sees'))]
      : []),
    ApiResponse(problemAnswer(401, 'Nobody is logged in')),
    ApiResponse(problemAnswer(403, `Needs the role ${role}, ${PLACES[where]}`)),
    ApiResponse(problemAnswer(429, 'Too many requests')),
  );

/** The path names a room that the endpoint finds by itself. */
export const RoomInPath = (): MethodDecorator =>
  ApiParam({ name: 'token', description: 'Room token, compared without case', schema: ROOM_TOKEN });

const ROOM_TOKEN = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } as const;
const PLACES: Readonly<Record<Where, string>> = {
  anywhere: 'in some room or everywhere',
  everywhere: 'everywhere',
  room: 'in this room',
};

const askedOf = (context: ExecutionContext) => context.switchToHttp().getRequest<AdminRequest>().asked!;

/** Who asks. */
export const Asker = createParamDecorator((_, context): Principal => askedOf(context).principal);
/** The room of the path, as the asking principal may use it. */
export const InRoom = createParamDecorator((_, context): RoomAccess => askedOf(context).room!);
