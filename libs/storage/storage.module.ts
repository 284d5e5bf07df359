import { Module, type DynamicModule } from '@nestjs/common';
import { AdminAnswersRepository } from './admin/admin-answers.repository.js';
import { AdminMessagesRepository } from './admin/admin-messages.repository.js';
import { AdminSessionsRepository } from './admin/admin-sessions.repository.js';
import { AdminTokensRepository } from './admin/admin-tokens.repository.js';
import { BanListRepository } from './admin/ban-list.repository.js';
import { ChangeMarksRepository } from './admin/change-marks.repository.js';
import { CommunityCountsRepository } from './admin/community-counts.repository.js';
import { MemberListRepository } from './admin/member-list.repository.js';
import { RoomFilesRepository } from './admin/room-files.repository.js';
import { UserListRepository } from './admin/user-list.repository.js';
import { Database } from './database.js';
import { DirectMessagesRepository } from './direct-messages.repository.js';
import { ErasureRepository } from './erasure.repository.js';
import { FileInventoryRepository } from './file-inventory.repository.js';
import { FileUsageRepository } from './file-usage.repository.js';
import { FilesRepository } from './files.repository.js';
import { FillRepository } from './fill.repository.js';
import { HousekeepingRepository } from './housekeeping.repository.js';
import { MailMarksRepository } from './mail-marks.repository.js';
import { MessageWindowsRepository } from './message-windows.repository.js';
import { MessagesRepository } from './messages.repository.js';
import { ModerationLogRepository } from './moderation-log.repository.js';
import { ModerationRulesRepository } from './moderation-rules.repository.js';
import { PermissionsRepository } from './permissions.repository.js';
import { PinsRepository } from './pins.repository.js';
import { ReactionsRepository } from './reactions.repository.js';
import { RoomActivityRepository } from './room-activity.repository.js';
import { RoomOverviewsRepository } from './room-overviews.repository.js';
import { RoomStatesRepository } from './room-states.repository.js';
import { RoomsRepository } from './rooms.repository.js';
import { ScheduleRepository } from './schedule.repository.js';
import { ServerStateRepository } from './server-state.repository.js';
import { StandingRepository } from './standing.repository.js';
import { StatisticsRepository } from './statistics.repository.js';
import { TombstonesRepository } from './tombstones.repository.js';
import { UploadSumsRepository } from './upload-sums.repository.js';
import { UsersRepository } from './users.repository.js';
import { WavesRepository } from './waves.repository.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookMessagesRepository } from './webhook-messages.repository.js';
import { WebhooksRepository } from './webhooks.repository.js';

const REPOSITORIES = [
  AdminAnswersRepository,
  AdminMessagesRepository,
  AdminSessionsRepository,
  AdminTokensRepository,
  BanListRepository,
  ChangeMarksRepository,
  CommunityCountsRepository,
  DirectMessagesRepository,
  ErasureRepository,
  FileInventoryRepository,
  FileUsageRepository,
  FilesRepository,
  FillRepository,
  HousekeepingRepository,
  MailMarksRepository,
  MemberListRepository,
  MessageWindowsRepository,
  MessagesRepository,
  ModerationLogRepository,
  ModerationRulesRepository,
  PermissionsRepository,
  PinsRepository,
  ReactionsRepository,
  RoomActivityRepository,
  RoomFilesRepository,
  RoomOverviewsRepository,
  RoomStatesRepository,
  RoomsRepository,
  ScheduleRepository,
  ServerStateRepository,
  StandingRepository,
  StatisticsRepository,
  TombstonesRepository,
  UserListRepository,
  UploadSumsRepository,
  UsersRepository,
  WavesRepository,
  WebhookDeliveriesRepository,
  WebhookMessagesRepository,
  WebhooksRepository,
];

/** All repositories over one database. Whoever opened the database closes it, after everything that uses it. */
@Module({})
export class StorageModule {
  static over(database: Database): DynamicModule {
    return {
      module: StorageModule,
      providers: [{ provide: Database, useValue: database }, ...REPOSITORIES],
      exports: [Database, ...REPOSITORIES],
    };
  }
}
