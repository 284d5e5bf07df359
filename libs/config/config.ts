import type { AbuseLimits } from '../protocol/abuse-limits.js';
import type { Limits } from '../protocol/limits.js';
import type { FilesLocation, S3Access } from './files-url.js';
import type { LogLevel } from './settings.js';

/** How long things are kept (protocol.md §13). */
export interface Lifetimes {
  /** Files that a message took. */
  readonly fileSeconds: number;
  /** Uploads that no message took yet. */
  readonly unattachedFileSeconds: number;
  readonly editHistorySeconds: number;
  readonly directMessageSeconds: number;
  /** Window in which a room counts its active users. */
  readonly activeUserSeconds: number;
  readonly roomActivitySeconds: number;
  readonly moderationLogSeconds: number;
}

/** The server's default; rooms may have their own (protocol.md §4.2). */
export interface PostRateLimit {
  /** 0: no limit. */
  readonly posts: number;
  readonly windowSeconds: number;
}

/**
 * Everything an operator can set, checked and in final units. Immutable. Made by `loadConfig`; a test makes a
 * variant with `new Config({ ...config, port: 0 })`. It is a class so that Nest can inject it by its type.
 */
export class Config {
  /** 0: any free port. */
  readonly port!: number;
  readonly host!: string;
  /** Origin without a trailing slash; undefined: the API derives it from the machine's address. */
  readonly publicUrl!: string | undefined;
  /** Absolute. */
  readonly dataDir!: string;
  readonly files!: FilesLocation;
  /** For files in S3, here or where they are moved to. */
  readonly s3!: S3Access;
  /** Undefined: the embedded PostgreSQL. */
  readonly databaseUrl!: string | undefined;
  /** Connections per process. */
  readonly databasePoolSize!: number;
  /** Larger tables are not written anew by themselves. */
  readonly eraseTableBytesMax!: number;
  readonly redisUrl!: string | undefined;
  /** Absolute. */
  readonly keyFile!: string;
  readonly requireBlindedIds!: boolean;
  readonly logLevel!: LogLevel;
  /** The page that lists the public rooms. */
  readonly showIndex!: boolean;
  /** Messages on the pages of public rooms. */
  readonly showRecent!: boolean;
  /** That serve, behind one port. */
  readonly apiProcesses!: number;
  /** Whether the API process (of several: one of them) runs the worker too. */
  readonly runWorker!: boolean;
  /** Of a worker apart; undefined: it listens nowhere. 0: any free one. */
  readonly workerHealthPort!: number | undefined;
  /** Whether webhooks may lead to this machine and to private networks, and over http. */
  readonly webhookPrivateAddresses!: boolean;
  /** Undefined: no metrics. */
  readonly metricsPort!: number | undefined;
  readonly metricsHost!: string;
  /** Of a collector (OTLP over HTTP), without a path of its own for traces; undefined: no tracing. */
  readonly tracingUrl!: string | undefined;
  /** From 0 to 1. */
  readonly tracingRatio!: number;
  /** For PostgreSQL and Redis, when they are not there yet. */
  readonly startWaitSeconds!: number;
  /** Between the order to stop and the end of serving. */
  readonly stopDelaySeconds!: number;
  readonly verifyMessageSignatures!: boolean;
  /** Absolute; words that every room's word filter looks for. */
  readonly wordListFile!: string | undefined;
  readonly limits!: Readonly<Limits>;
  readonly abuseLimits!: Readonly<AbuseLimits>;
  readonly lifetimes!: Lifetimes;
  readonly rateLimit!: PostRateLimit;
  /** For tests only: lifts the rule that more than one process needs Redis. */
  readonly allowSeveralProcessesWithoutRedis!: boolean;

  constructor(fields: Config) {
    Object.assign(this, fields, {
      files: Object.freeze({ ...fields.files }),
      s3: Object.freeze({ ...fields.s3 }),
      limits: Object.freeze({ ...fields.limits }),
      abuseLimits: Object.freeze({ ...fields.abuseLimits }),
      lifetimes: Object.freeze({ ...fields.lifetimes }),
      rateLimit: Object.freeze({ ...fields.rateLimit }),
    });
    Object.freeze(this);
  }
}
