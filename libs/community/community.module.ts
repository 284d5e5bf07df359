import { Module, type DynamicModule } from '@nestjs/common';
import { BlindedIds } from '../auth/blinded-ids.js';
import { MessageSignatures } from '../auth/message-signatures.js';
import { ServerMessenger } from '../auth/server-messenger.js';
import { Config } from '../config/config.js';
import { EventWindows } from '../coordination/event-windows.js';
import { PostRateLimiter } from '../coordination/post-rate-limiter.js';
import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { PseudoUsers } from '../moderation/pseudo-user.js';
import { JobProducer } from '../jobs/job-producer.js';
import { LongJobs } from '../jobs/long-jobs.js';
import { Clock, systemClock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import type { Database } from '../storage/database.js';
import { StorageModule } from '../storage/storage.module.js';
import { AdminAnswersService } from './admin/admin-answers.service.js';
import { AdminEventsService } from './admin/admin-events.service.js';
import { AdminMessagesService } from './admin/admin-messages.service.js';
import { AdminSessionsService } from './admin/admin-sessions.service.js';
import { AdminTokensService } from './admin/admin-tokens.service.js';
import { BanListService } from './admin/ban-list.service.js';
import { CleaningRightsService } from './admin/cleaning-rights.service.js';
import { DirectoryService } from './admin/directory.service.js';
import { JobDeskService } from './admin/job-desk.service.js';
import { LoginService } from './admin/login.service.js';
import { NewcomersService } from './newcomers.service.js';
import { OverviewService } from './admin/overview.service.js';
import { PrincipalsService } from './admin/principals.service.js';
import { RoomFilesService } from './admin/room-files.service.js';
import { RulesPreviewService } from './admin/rules-preview.service.js';
import { Secrets } from './admin/secrets.js';
import { ActivityRecorder } from './activity-recorder.js';
import { AnnouncementsService } from './announcements.service.js';
import { AutomodService } from './automod.service.js';
import { BansService } from './bans.service.js';
import { DeletionsService } from './deletions.service.js';
import { DirectMessageRulesService } from './direct-message-rules.service.js';
import { DirectMessagesService } from './direct-messages.service.js';
import { ErasureService } from './erasure.service.js';
import { FileMoveService } from './file-move.service.js';
import { FileSweepService } from './file-sweep.service.js';
import { FileUsageService } from './file-usage.service.js';
import { FilesService } from './files.service.js';
import { FillService } from './fill.service.js';
import { HousekeepingService } from './housekeeping.service.js';
import { LongJobHandlers } from './long-job-handlers.js';
import { MessagesService } from './messages.service.js';
import { ModerationConsequencesService } from './moderation-consequences.service.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import { ModerationScopeService } from './moderation-scope.service.js';
import { ModeratorNoticesService } from './moderator-notices.service.js';
import { ModeratorsService } from './moderators.service.js';
import { MutesService } from './mutes.service.js';
import { openJobs, type JobLocation } from './open-job-backend.js';
import { PeopleService } from './people.service.js';
import { PermissionEnds } from './permission-ends.js';
import { PermissionsService } from './permissions.service.js';
import { PinsService } from './pins.service.js';
import { PostFloods } from './post-floods.js';
import { PostModerationService } from './post-moderation.service.js';
import { PostsService } from './posts.service.js';
import { RaidsService } from './raids.service.js';
import { PostCleanupService } from './post-cleanup.service.js';
import { MailMarks } from './read-models/mail-marks.js';
import { MessageWindows } from './read-models/message-windows.js';
import { ReadModels } from './read-models/read-models.js';
import { RoomModels } from './read-models/room-models.js';
import { RoomViews } from './read-models/room-views.js';
import { UserModels } from './read-models/user-models.js';
import { VersionCheck } from './read-models/version-check.js';
import { ReactionsService } from './reactions.service.js';
import { RoomsService } from './rooms.service.js';
import { ScheduledChangesService } from './scheduled-changes.service.js';
import { ServerIdentity } from './server-identity.js';
import { ServerAuthorsService } from './server-authors.service.js';
import { ServerVoiceService } from './server-voice.service.js';
import { ServerWords } from './server-words.js';
import { StatisticsRecorder } from './statistics/statistics-recorder.js';
import { StatisticsService } from './statistics/statistics.service.js';
import { WebhookBodiesService } from './webhooks/webhook-bodies.service.js';
import { WebhookDeliveryService } from './webhooks/webhook-delivery.service.js';
import { WebhookMessenger } from './webhooks/webhook-messenger.js';
import { WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { WebhooksService } from './webhooks/webhooks.service.js';
import { UploadLimits } from './upload-limits.js';
import { WaveCleanupService } from './wave-cleanup.service.js';

const SERVICES = [
  ActivityRecorder,
  AdminAnswersService,
  AdminEventsService,
  AdminMessagesService,
  AdminSessionsService,
  AdminTokensService,
  AnnouncementsService,
  AutomodService,
  BanListService,
  BansService,
  CleaningRightsService,
  DeletionsService,
  DirectMessageRulesService,
  DirectMessagesService,
  DirectoryService,
  ErasureService,
  FileMoveService,
  FileSweepService,
  FileUsageService,
  FilesService,
  FillService,
  HousekeepingService,
  JobDeskService,
  LoginService,
  LongJobHandlers,
  MessagesService,
  ModerationConsequencesService,
  ModerationLogService,
  ModerationRulesService,
  ModerationScopeService,
  ModeratorNoticesService,
  ModeratorsService,
  MutesService,
  NewcomersService,
  OverviewService,
  PeopleService,
  PermissionEnds,
  PermissionsService,
  PinsService,
  PostFloods,
  PostModerationService,
  PostsService,
  RaidsService,
  PostCleanupService,
  PrincipalsService,
  ReactionsService,
  RoomFilesService,
  RoomsService,
  RulesPreviewService,
  ScheduledChangesService,
  ServerAuthorsService,
  ServerVoiceService,
  StatisticsRecorder,
  StatisticsService,
  UploadLimits,
  WaveCleanupService,
  WebhookBodiesService,
  WebhookDeliveryService,
  WebhookMessenger,
  WebhooksService,
];

const READ_MODELS = [MailMarks, MessageWindows, ReadModels, RoomModels, RoomViews, UserModels];

export interface CommunityParts {
  config: Config;
  database: Database;
  identity: ServerIdentity;
  crypto: CryptoBackend;
  rateLimiter: PostRateLimiter;
  windows: EventWindows;
  blobs: BlobStore;
  clock?: Clock;
}

/** The domain: everything a community does, for whatever program wants it done. */
@Module({})
export class CommunityModule {
  static of({
    config,
    database,
    identity,
    crypto,
    rateLimiter,
    windows,
    blobs,
    clock = systemClock,
  }: CommunityParts): DynamicModule {
    const { publicKeyHex } = identity.keys;
    const jobs = { databaseUrl: database.url, redisUrl: config.redisUrl, publicKeyHex };
    return {
      module: CommunityModule,
      imports: [StorageModule.over(database)],
      providers: [
        { provide: Config, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: ServerIdentity, useValue: identity },
        { provide: PostRateLimiter, useValue: rateLimiter },
        { provide: EventWindows, useValue: windows },
        { provide: BlobStore, useValue: blobs },
        { provide: JobProducer, useFactory: () => jobProducer(jobs) },
        { provide: BlindedIds, useValue: new BlindedIds(crypto, identity.keys.publicKey) },
        { provide: MessageSignatures, useValue: new MessageSignatures(crypto) },
        { provide: PseudoUsers, useValue: new PseudoUsers(crypto, identity.keys.privateKey) },
        { provide: ServerMessenger, useValue: new ServerMessenger(crypto, identity.keys) },
        { provide: WebhookSecrets, useValue: new WebhookSecrets(crypto, identity.keys.privateKey) },
        {
          provide: WebhookSender,
          useValue: new WebhookSender({ privateAddresses: config.webhookPrivateAddresses }),
        },
        { provide: Secrets, useValue: new Secrets(crypto, identity.keys.privateKey) },
        { provide: ServerWords, useFactory: () => ServerWords.read(config.wordListFile) },
        { provide: VersionCheck, useFactory: () => new VersionCheck() },
        ...READ_MODELS,
        ...SERVICES,
      ],
      exports: [
        Config,
        Clock,
        EventWindows,
        JobProducer,
        Secrets,
        ServerIdentity,
        StorageModule,
        ...READ_MODELS,
        ...SERVICES,
      ],
    };
  }
}

/** Requests wait for it, so not for long. */
const ADDING_TIMEOUT_MS = 2_000;

const jobProducer = (location: JobLocation): JobProducer =>
  new JobProducer(() => new LongJobs(openJobs(location), { answerTimeoutMs: ADDING_TIMEOUT_MS }));
