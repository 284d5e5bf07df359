import { Module, type DynamicModule } from '@nestjs/common';
import { CommunityModule, type CommunityParts } from '../../../libs/community/community.module.js';
import { Coordination } from '../../../libs/coordination/coordination.js';
import { RoomGate } from './dispatch/room-gate.js';
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
  processes: ServerProcesses;
  worker: WorkerState;
}

@Module({})
export class ApiModule {
  static of({ community, coordination, processes, worker }: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      imports: [CommunityModule.of(community)],
      controllers: [HealthController],
      providers: [
        { provide: Coordination, useValue: coordination },
        { provide: ServerProcesses, useValue: processes },
        ...HANDLERS,
        HealthService,
        PagesService,
        RoomGate,
        { provide: WorkerState, useValue: worker },
      ],
    };
  }
}
