import { setTimeout as delay } from 'node:timers/promises';
import type { LongJobRecord, LongJobs } from '../../../libs/jobs/long-jobs.js';
import { CommandError, CommandLeftError } from './command-error.js';
import { stateText } from './job-text.js';
import { ProgressLine } from './output.js';

const LOOK_EVERY_MS = 250;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Shows how far a job is until it is done. Throws {@link CommandError} when it fails for good, and CommandLeftError
 * with the text `left` when the person goes away.
 */
export async function followJob(jobs: LongJobs, id: string, left: string): Promise<LongJobRecord> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const line = new ProgressLine();
  for (const signal of SIGNALS) process.on(signal, leave);
  try {
    for (;;) {
      const job = await jobs.find(id);
      if (!job) throw new CommandError(`Job ${id} is gone.`);
      if (job.state === 'done') return job;
      if (job.state === 'dead')
        throw new CommandError(
          `Job ${id} failed: ${job.reason}. When the reason is gone: plaza jobs retry ${id}`,
        );
      if (leaving.signal.aborted) throw new CommandLeftError(left);
      line.show(stateText(job));
      await delay(LOOK_EVERY_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
    }
  } finally {
    line.clear();
    for (const signal of SIGNALS) process.off(signal, leave);
  }
}
