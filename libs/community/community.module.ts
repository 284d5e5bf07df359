import { Module, type DynamicModule } from '@nestjs/common';
import { BlindedIds } from '../auth/blinded-ids.js';
import { MessageSignatures } from '../auth/message-signatures.js';
import { Config } from '../config/config.js';
import { PostRateLimiter } from '../coordination/post-rate-limiter.js';
import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { Clock, systemClock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import type { Database } from '../storage/database.js';
import { StorageModule } from '../storage/storage.module.js';
import { ActivityRecorder } from './activity-recorder.js';
import { BansService } from './bans.service.js';
import { DeletionsService } from './deletions.service.js';
import { DirectMessagesService } from './direct-messages.service.js';
import { FileMoveService } from './file-move.service.js';
import { FileSweepService } from './file-sweep.service.js';
import { FileUsageService } from './file-usage.service.js';
import { FilesService } from './files.service.js';
import { HousekeepingService } from './housekeeping.service.js';
import { MessagesService } from './messages.service.js';
import { ModerationScopeService } from './moderation-scope.service.js';
import { ModeratorsService } from './moderators.service.js';
import { PeopleService } from './people.service.js';
import { PermissionsService } from './permissions.service.js';
import { PinsService } from './pins.service.js';
import { ReactionsService } from './reactions.service.js';
import { RoomsService } from './rooms.service.js';
import { ScheduledChangesService } from './scheduled-changes.service.js';
import { ServerIdentity } from './server-identity.js';

const SERVICES = [
  ActivityRecorder,
  BansService,
  DeletionsService,
  DirectMessagesService,
  FileMoveService,
  FileSweepService,
  FileUsageService,
  FilesService,
  HousekeepingService,
  MessagesService,
  ModerationScopeService,
  ModeratorsService,
  PeopleService,
  PermissionsService,
  PinsService,
  ReactionsService,
  RoomsService,
  ScheduledChangesService,
];

export interface CommunityParts {
  config: Config;
  database: Database;
  identity: ServerIdentity;
  crypto: CryptoBackend;
  rateLimiter: PostRateLimiter;
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
    blobs,
    clock = systemClock,
  }: CommunityParts): DynamicModule {
    return {
      module: CommunityModule,
      imports: [StorageModule.over(database)],
      providers: [
        { provide: Config, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: ServerIdentity, useValue: identity },
        { provide: PostRateLimiter, useValue: rateLimiter },
        { provide: BlobStore, useValue: blobs },
        { provide: BlindedIds, useValue: new BlindedIds(crypto, identity.keys.publicKey) },
        { provide: MessageSignatures, useValue: new MessageSignatures(crypto) },
        ...SERVICES,
      ],
      exports: [Config, Clock, ServerIdentity, StorageModule, ...SERVICES],
    };
  }
}
