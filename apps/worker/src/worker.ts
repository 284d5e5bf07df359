import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openWorkerJobs } from '../../../libs/community/open-job-backend.js';
import { settlesWithin, within } from '../../../libs/protocol/bounded-wait.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import type { Gauge1 } from '../../../libs/metrics/metrics.js';
import type { Database } from '../../../libs/storage/database.js';
import { WorkerSession } from '../../../libs/storage/worker-session.js';
import type { QueueProcessor } from './processors/queue-processor.js';
import { JobDepths } from './job-depths.js';
import { RepeatedJobs } from './repeated-jobs.js';
import { checksOfRun, outcomeOf, type Checks } from './worker-checks.js';
import type { WorkerCommunity } from './worker-community.js';
import { PROCESSORS, WorkerModule } from './worker.module.js';

/** What is under way gets this long; it is done again later. Service managers wait ten seconds and more. */
const BATCH_TIMEOUT_MS = 4_000;
const CLOSE_TIMEOUT_MS = 1_000;
const CHECK_TIMEOUT_MS = 3_000;

/** What a worker needs; it opens a community of its own, so that it shares nothing with a server around it. */
export interface WorkerOptions {
  databaseUrl: string;
  redisUrl: string | undefined;
  openCommunity(): Promise<WorkerCommunity>;
  /** It ends with a command, so that nobody should leave jobs to it. */
  isPassing?: boolean;
}

/** A worker at work. */
export interface RunningWorker {
  /** With a pool of its own. */
  readonly database: Database;
  /** Looks whether it can work, and puts right what an outage may have left. Never throws, answers in a moment. */
  check(): Promise<{ checks: Checks; reason: string | undefined }>;
  /** Jobs by queue and state. Rejects when the queue does not answer in time. */
  depths(): Promise<Gauge1[]>;
  /** Lets the batches that are under way end, and closes everything, in a few seconds whatever answers. */
  close(): Promise<void>;
}

/** Throws when it cannot start, and then has left nothing open. */
export async function startWorker(
  options: WorkerOptions,
  processors: readonly Type<QueueProcessor>[] = PROCESSORS,
): Promise<RunningWorker> {
  const community = await options.openCommunity();
  const { database } = community;
  const session = new WorkerSession(database, { isSeen: !options.isPassing });
  const backend = openWorkerJobs({ ...options, publicKeyHex: community.identity.keys.publicKeyHex });
  let context: INestApplicationContext | undefined;
  try {
    await session.keep();
    const module = WorkerModule.of(community, { backend, session, processors });
    // Without a logger of its own: inside a server, that would silence the server's.
    context = await NestFactory.createApplicationContext(module, { abortOnError: false });
  } catch (error) {
    session.close();
    await settlesWithin(CLOSE_TIMEOUT_MS, context?.close() ?? Promise.resolve());
    await backend.close();
    await settlesWithin(CLOSE_TIMEOUT_MS, community.close());
    throw error;
  }
  return runningWorker({ community, session, backend, context, processors });
}

function runningWorker(parts: {
  community: WorkerCommunity;
  session: WorkerSession;
  backend: JobBackend;
  context: INestApplicationContext;
  processors: readonly Type<QueueProcessor>[];
}): RunningWorker {
  const { community, session, backend, context, processors } = parts;
  const [repeated, depths] = [new RepeatedJobs(backend), new JobDepths(backend)];
  return {
    database: community.database,
    check: async () => {
      const [database, jobs] = await Promise.all([
        outcomeOf(within(CHECK_TIMEOUT_MS, session.keep())),
        outcomeOf(repeated.keep()),
      ]);
      const checks = checksOfRun({ database: database.state, jobs: jobs.state }, backend.kind);
      return { checks, reason: database.reason ?? jobs.reason };
    },
    depths: () => depths.read(),
    close: async () => {
      const running = processors.map((processor) => context.get(processor));
      const ends = running.map((processor) => processor.stop());
      await settlesWithin(BATCH_TIMEOUT_MS, Promise.all(running.map((processor) => processor.idle())));
      await settlesWithin(CLOSE_TIMEOUT_MS, Promise.all(ends));
      await Promise.all([
        repeated.close(),
        depths.close(),
        settlesWithin(CLOSE_TIMEOUT_MS, context.close()),
        // What did not end by itself, since Redis does not answer.
        ...running.map(({ worker }) => settlesWithin(CLOSE_TIMEOUT_MS, worker.disconnect())),
      ]);
      await backend.close();
      session.close();
      await settlesWithin(CLOSE_TIMEOUT_MS, community.close());
    },
  };
}
