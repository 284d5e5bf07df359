import { DelayedError, WaitingError, type Job } from 'bullmq';
import { allTallies } from '../../../../libs/metrics/tally.js';
import { QueueProcessor } from './queue-processor.js';

class TestProcessor extends QueueProcessor {
  constructor(private readonly outcome: () => Promise<unknown>) {
    super();
  }
  protected work(): Promise<unknown> {
    return this.outcome();
  }
}

const job = (queueName: string): Job => ({ queueName, name: 'test', attemptsMade: 0 }) as Job;

function countsOf(queueName: string): Record<string, number> {
  const tally = allTallies().find(({ name }) => name === 'plaza_jobs_finished_total')!;
  const own = [...tally.counts()].filter(({ labels }) => labels[0] === queueName);
  return Object.fromEntries(own.map(({ labels, count }) => [labels[1]!, count]));
}

describe('how a run of a job ended', () => {
  it.each([
    ['done', () => Promise.resolve(7)],
    ['failed', () => Promise.reject(new Error('broken'))],
    ['postponed', () => Promise.reject(new DelayedError())],
    ['postponed', () => Promise.reject(new WaitingError())],
  ])('is counted as %s', async (outcome, work) => {
    const queue = `${outcome} ${String(work)}`;
    await new TestProcessor(work).process(job(queue)).catch(() => undefined);
    expect(countsOf(queue)).toEqual({ [outcome]: 1 });
  });
});

describe('a processor that was told to stop', () => {
  it('tells a job that it is given all the same to end at once', async () => {
    let isAborted: boolean | undefined;
    class Watching extends QueueProcessor {
      override get worker(): never {
        return { close: () => Promise.resolve(), cancelAllJobs: () => undefined } as never;
      }
      protected async work(_job: Job, signal: AbortSignal): Promise<void> {
        isAborted = signal.aborted;
      }
    }
    const processor = new Watching();
    await processor.process(job('before'));
    expect(isAborted).toBe(false);
    await processor.stop();
    await processor.process(job('after'), 'token', new AbortController().signal);
    expect(isAborted).toBe(true);
  });
});
