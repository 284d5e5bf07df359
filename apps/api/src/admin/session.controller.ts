import { Get, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminController } from './admin-controller.js';
import { Answers } from './answers.js';
import type { AdminRequest } from './exchange.js';
import { Needs } from './needs.js';
import { adminRole } from './schemas/parts.schema.js';

const sessionResource = z.object({
  kind: z.enum(['token', 'session-id']),
  name: z.string().describe("The token's name, or a Session ID"),
  roles: z.object({
    global: adminRole.optional(),
    rooms: z.record(z.string(), adminRole).describe('By room token; besides the global one'),
  }),
  csrfToken: z.string().optional().describe('For X-CSRF-Token, where a cookie says who asks'),
});

@AdminController('session', 'session')
export class SessionController {
  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'Who you are here, and what you may do' })
  @Answers(200, 'You', sessionResource)
  whoAmI(@Req() { asked }: AdminRequest): z.infer<typeof sessionResource> {
    const { principal, csrfToken } = asked!;
    const { kind, name, global, rooms } = principal;
    return {
      kind,
      name,
      roles: {
        ...(global !== undefined && { global }),
        rooms: Object.fromEntries([...rooms.values()].map(({ token, role }) => [token, role])),
      },
      ...(csrfToken !== undefined && { csrfToken }),
    };
  }
}
