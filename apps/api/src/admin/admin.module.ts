import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BansController } from './bans.controller.js';
import { Confirmations } from './confirmations.js';
import { Etags } from './etags.js';
import { LogController } from './log.controller.js';
import { MessagesController } from './messages.controller.js';
import { PostRemoval } from './post-removal.js';
import { ProblemFilter } from './problem-filter.js';
import { RoomsController } from './rooms.controller.js';
import { ServerController } from './server.controller.js';
import { SessionController } from './session.controller.js';
import { AnnouncementsController } from './announcements.controller.js';
import { FilesController } from './files.controller.js';
import { JobsController } from './jobs.controller.js';
import { MembersController } from './members.controller.js';
import { ModeratorsController } from './moderators.controller.js';
import { RulesController } from './rules.controller.js';
import { TokensController } from './tokens.controller.js';
import { UsersController } from './users.controller.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';
import { LoginController } from './login.controller.js';
import { StatisticsController } from './statistics.controller.js';
import { UnknownController } from './unknown.controller.js';
import { WebhooksController } from './webhooks.controller.js';

/** The admin API, one controller per noun. */
@Module({})
export class AdminModule {
  /** `imports`: the community, and what this server has beside it (health, authentication). */
  static of(imports: DynamicModule[]): DynamicModule {
    return {
      module: AdminModule,
      imports,
      controllers: [
        BansController,
        LogController,
        MessagesController,
        RoomsController,
        ServerController,
        SessionController,
        AnnouncementsController,
        FilesController,
        JobsController,
        MembersController,
        ModeratorsController,
        RulesController,
        TokensController,
        UsersController,
        EventsController,
        LoginController,
        StatisticsController,
        WebhooksController,
        UnknownController, // last: it takes what is left
      ],
      providers: [
        Confirmations,
        Etags,
        EventStreams,
        PostRemoval,
        // For what Fastify refuses before a controller is found, too.
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
