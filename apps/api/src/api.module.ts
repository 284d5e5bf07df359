import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Authenticator } from '../../../libs/auth/authenticator.js';
import { CommunityModule, type CommunityParts } from '../../../libs/community/community.module.js';
import { NewcomersService } from '../../../libs/community/newcomers.service.js';
import { UserModels } from '../../../libs/community/read-models/user-models.js';
import { Coordination } from '../../../libs/coordination/coordination.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { AdminModule } from './admin/admin.module.js';
import { UserCosts } from './dispatch/user-costs.js';
import { RoomGate } from './dispatch/room-gate.js';
import { HeldBytes } from './held-bytes.js';
import { FilesHandler } from './handlers/files.handler.js';
import { InboxHandler } from './handlers/inbox.handler.js';
import { MessagesHandler } from './handlers/messages.handler.js';
import { ModerationHandler } from './handlers/moderation.handler.js';
import { PermissionsHandler } from './handlers/permissions.handler.js';
import { PinsHandler } from './handlers/pins.handler.js';
import { ReactionsHandler } from './handlers/reactions.handler.js';
import { RoomsHandler } from './handlers/rooms.handler.js';
import { ServerHandler } from './handlers/server.handler.js';
import { HealthService, WorkerState } from './health.service.js';
import { HealthController } from './http/health.controller.js';
import { PagesService } from './http/pages/pages.service.js';
import { ServerProcesses } from './processes/server-processes.js';

/** One per chapter of the protocol. */
export const HANDLERS = [
  ServerHandler,
  RoomsHandler,
  MessagesHandler,
  ReactionsHandler,
  PinsHandler,
  FilesHandler,
  PermissionsHandler,
  ModerationHandler,
  InboxHandler,
];

export interface ApiParts {
  community: CommunityParts;
  coordination: Coordination;
  held: HeldBytes;
  processes: ServerProcesses;
  worker: WorkerState;
}

@Module({})
export class ApiModule {
  static of({ community, coordination, held, processes, worker }: ApiParts): DynamicModule {
    const domain = CommunityModule.of(community);
    const serving = ServingModule.of(domain, [
      { provide: Coordination, useValue: coordination },
      { provide: HeldBytes, useValue: held },
      { provide: ServerProcesses, useValue: processes },
      { provide: WorkerState, useValue: worker },
      authenticator(community, coordination),
      HealthService,
    ]);
    return {
      module: ApiModule,
      imports: [domain, serving, AdminModule.of([domain, serving])],
      controllers: [HealthController],
      providers: [...HANDLERS, PagesService, RoomGate, UserCosts],
    };
  }
}

/** What a server has beside the community, for whoever answers requests. */
@Module({})
class ServingModule {
  static of(domain: DynamicModule, providers: Provider[]): DynamicModule {
    return { module: ServingModule, imports: [domain], providers, exports: providers };
  }
}

const authenticator = ({ config, identity, crypto }: CommunityParts, { nonces }: Coordination): Provider => ({
  provide: Authenticator,
  inject: [UserModels, NewcomersService],
  useFactory: (users: UserModels, newcomers: NewcomersService) =>
    new Authenticator({
      crypto,
      serverPublicKey: identity.keys.publicKey,
      blindingRequired: config.requireBlindedIds,
      timestampSkewSecondsMax: config.limits.timestampSkewSecondsMax,
      users: { find: (id) => users.find(id), arrive: (id) => newcomers.arrive(id) },
      nonces,
      clock: systemClock,
    }),
});
