import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { OverviewService } from '../../../../libs/community/admin/overview.service.js';
import { ServerIdentity } from '../../../../libs/community/server-identity.js';
import { Config } from '../../../../libs/config/config.js';
import { HealthService } from '../health.service.js';
import { version } from '../../../../libs/config/version.js';
import { AdminController } from './admin-controller.js';
import { Answers } from './answers.js';
import { Needs } from './needs.js';

const count = (what: string) => z.int().nonnegative().describe(what);

const serverResource = z.object({
  name: z.string(),
  version: z.string(),
  publicKey: z.string().describe('Hex; part of every join link'),
  publicUrl: z.string().optional(),
  counts: z.object({
    rooms: count('Rooms'),
    users: count('People who were ever here'),
    activeUsers: count('Lately'),
    bannedUsers: count('On the whole server'),
    files: count('Uploads that have not expired'),
    fileBytes: count('Their size'),
  }),
  limits: z.object({
    fileBytesMax: count('Of an upload'),
    messageBytesMax: count('Of a message'),
    roomNameLengthMax: count('In characters'),
    roomDescriptionLengthMax: count('In characters'),
    rateLimit: z
      .object({ posts: count('0: no limit'), windowSeconds: z.number() })
      .describe('Of rooms without one of their own'),
    activeUserSeconds: z.number().describe('How long somebody counts as active'),
  }),
  health: z.object({
    status: z.enum(['ready', 'not ready']),
    checks: z.record(z.string(), z.string()),
  }),
});

@AdminController('server', 'server')
export class ServerController {
  constructor(
    private readonly overview: OverviewService,
    private readonly health: HealthService,
    private readonly identity: ServerIdentity,
    private readonly config: Config,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'The server: what it is, how large, and how it is' })
  @Answers(200, 'The server', serverResource)
  async server(): Promise<z.infer<typeof serverResource>> {
    const { publicUrl, limits, rateLimit, lifetimes } = this.config;
    const [counts, health] = await Promise.all([this.overview.counts(), this.health.readiness()]);
    return {
      name: publicUrl === undefined ? 'Plaza' : new URL(publicUrl).host,
      version,
      publicKey: this.identity.keys.publicKeyHex,
      ...(publicUrl !== undefined && { publicUrl }),
      counts,
      limits: {
        fileBytesMax: limits.fileBytesMax,
        messageBytesMax: limits.messageDataBytesMax,
        roomNameLengthMax: limits.roomNameCodePointsMax,
        roomDescriptionLengthMax: limits.roomDescriptionCodePointsMax,
        rateLimit: { ...rateLimit },
        activeUserSeconds: lifetimes.activeUserSeconds,
      },
      health,
    };
  }
}
