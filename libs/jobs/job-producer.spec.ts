import { Logger } from '@nestjs/common';
import { JobProducer } from './job-producer.js';
import type { LongJobs } from './long-jobs.js';

const PAYLOAD = { actor: { userId: 1, via: 'filter' as const }, authorId: 2, roomIds: null };

/** A queue that answers `add` like this. */
const queue = (add: () => Promise<string>) =>
  ({ add: jest.fn(add), close: jest.fn(() => Promise.resolve()) }) as unknown as jest.Mocked<LongJobs>;

describe('a queue that is away', () => {
  it('is logged, never thrown, and opened anew for the next job', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const [away, back] = [queue(() => Promise.reject(new Error('gone'))), queue(() => Promise.resolve('7'))];
    const open = jest.fn().mockReturnValueOnce(away).mockReturnValueOnce(back);
    const producer = new JobProducer(open);
    expect(await producer.add('delete-posts', PAYLOAD)).toBeUndefined();
    expect(logged).toHaveBeenCalledWith('a job (delete-posts) could not be added: gone');
    expect(away.close).toHaveBeenCalledTimes(1);
    expect(await producer.add('delete-posts', PAYLOAD)).toBe('7');
    await producer.onApplicationShutdown();
    expect([away.close.mock.calls.length, back.close.mock.calls.length]).toEqual([1, 1]);
    logged.mockRestore();
  });

  it('is opened anew once, however many jobs found it away', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const away = queue(() => Promise.reject(new Error('gone')));
    const open = jest.fn(() => away);
    const producer = new JobProducer(open);
    await Promise.all([producer.add('delete-posts', PAYLOAD), producer.add('delete-posts', PAYLOAD)]);
    expect([open.mock.calls.length, away.close.mock.calls.length]).toEqual([1, 1]);
    logged.mockRestore();
  });
});

it('who never adds a job opens nothing, and has nothing to close', async () => {
  const open = jest.fn();
  await new JobProducer(open).onApplicationShutdown();
  expect(open).not.toHaveBeenCalled();
});
