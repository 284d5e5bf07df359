import { getQueueToken } from '@nestjs/bullmq';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommunityParts } from '../../../libs/community/community.module.js';
import { chooseJobBackend } from '../../../libs/jobs/job-backend.js';
import { QUEUES, REPEATED } from '../../../libs/jobs/queues.js';
import { WorkerModule } from './worker.module.js';

const RESTART_PAUSE_MIN_MS = 1_000;
const RESTART_PAUSE_MAX_MS = 30_000;

/** Where a worker tells how it is. */
export interface WorkerLog {
  warn(message: string): void;
}

/** What a worker needs; it opens a community of its own, so that it shares nothing with a server around it. */
export interface WorkerOptions {
  databaseUrl: string;
  redisUrl: string | undefined;
  openCommunity(): Promise<CommunityParts>;
  log: WorkerLog;
}

/** Starts the processors, and makes sure that what comes back by itself is planned. Throws when it cannot. */
export async function startWorker(options: WorkerOptions): Promise<{ close(): Promise<void> }> {
  const backend = chooseJobBackend(options);
  const community = await options.openCommunity();
  let context: INestApplicationContext | undefined;
  try {
    const module = WorkerModule.of(community, backend);
    // Without a logger of its own: inside a server, that would silence the server's.
    context = await NestFactory.createApplicationContext(module, { abortOnError: false });
    await planRepeated(context);
  } catch (error) {
    await context?.close().catch(() => undefined);
    community.blobs.close();
    await community.database.close();
    throw error;
  }
  const running = context;
  return {
    close: async () => {
      await running.close();
      community.blobs.close();
      await community.database.close();
    },
  };
}

/** The same plan from every worker: BullMQ keeps one of each. */
async function planRepeated(context: INestApplicationContext): Promise<void> {
  for (const name of Object.values(QUEUES)) {
    const queue = context.get<Queue>(getQueueToken(name));
    queue.on('error', () => undefined); // the processor of the same queue tells
    await queue.upsertJobScheduler(name, { every: REPEATED[name].everyMs }, { name });
  }
}

/**
 * Keeps a worker running inside another program: a failure to start is told and tried again, and never becomes the
 * program's own.
 */
export function keepWorkerRunning(options: WorkerOptions): { close(): Promise<void> } {
  let stopped = false;
  const start = async (): Promise<{ close(): Promise<void> } | undefined> => {
    for (let pause = RESTART_PAUSE_MIN_MS; !stopped; pause = Math.min(pause * 2, RESTART_PAUSE_MAX_MS)) {
      try {
        return await startWorker(options);
      } catch (error) {
        options.log.warn(`the worker did not start: ${(error as Error).message}`);
        await delay(pause, undefined, { ref: false });
      }
    }
    return undefined;
  };
  const running = start();
  return {
    close: async () => {
      stopped = true;
      await (await running)?.close();
    },
  };
}
