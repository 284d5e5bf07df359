import { Module, type DynamicModule } from '@nestjs/common';
import { BlindedIds } from '../auth/blinded-ids.js';
import { MessageSignatures } from '../auth/message-signatures.js';
import { Config } from '../config/config.js';
import { PostRateLimiter } from '../coordination/post-rate-limiter.js';
import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { Clock, systemClock } from '../protocol/clock.js';
import type { Database } from '../storage/database.js';
import { StorageModule } from '../storage/storage.module.js';
import { ActivityRecorder } from './activity-recorder.js';
import { MessagesService } from './messages.service.js';
import { ModeratorsService } from './moderators.service.js';
import { PeopleService } from './people.service.js';
import { RoomsService } from './rooms.service.js';
import { ServerIdentity } from './server-identity.js';

const SERVICES = [ActivityRecorder, MessagesService, ModeratorsService, PeopleService, RoomsService];

export interface CommunityParts {
  config: Config;
  database: Database;
  identity: ServerIdentity;
  crypto: CryptoBackend;
  rateLimiter: PostRateLimiter;
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
        { provide: BlindedIds, useValue: new BlindedIds(crypto, identity.keys.publicKey) },
        { provide: MessageSignatures, useValue: new MessageSignatures(crypto) },
        ...SERVICES,
      ],
      exports: [Config, Clock, ServerIdentity, StorageModule, ...SERVICES],
    };
  }
}
