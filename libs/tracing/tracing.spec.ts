import { setTimeout as delay } from 'node:timers/promises';
import { TraceCollector, treeOf } from '../../test/support/trace-collector.js';
import { until } from '../../test/support/until.js';
import { traced, tracedCall, tracedJob, TracedRequest, tracedStep } from './spans.js';
import { Tracing } from './tracing.js';

let collector: TraceCollector;
let tracing: Tracing | undefined;
let warnings: string[];
beforeEach(async () => {
  collector = await TraceCollector.open();
  warnings = [];
});
afterEach(async () => {
  await tracing?.close();
  tracing = undefined;
  await collector.close();
});

const start = async (url: string | undefined, ratio = 1) => {
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  tracing = await Tracing.start({ url, ratio, service: 'plaza-test', version: '1', log });
};
/** All that came, so many at least: on a slow machine the last of it comes when the end was waited for long enough. */
const sent = async (countMin = 0) => {
  await tracing?.close();
  tracing = undefined;
  await until(() => collector.spans.length >= countMin);
  return collector.spans;
};
const oneJob = () => tracedJob('job', {}, async () => 'done');

describe('tracing', () => {
  it('is off without an address: work is done, and nothing else', async () => {
    await start(undefined);
    expect(tracing).toBeUndefined();
    expect(TracedRequest.begin('GET')).toBeUndefined();
    expect(await tracedJob('job', {}, () => traced('part', {}, async () => 7))).toBe(7);
    expect(tracedStep('step', () => 8)).toBe(8);
    expect(collector.requests).toBe(0);
  });

  it('sends what happened as a tree, whatever ran beside it', async () => {
    await start(collector.url);
    const run = (name: string) =>
      tracedJob(name, { size: 3 }, async () => {
        await new Promise(setImmediate);
        await Promise.all([
          traced('left', {}, () => tracedCall('sql', {}, async () => undefined)),
          traced('right', {}, async () => tracedStep('step', () => undefined)),
        ]);
      });
    await Promise.all([run('one'), run('two')]);
    const spans = await sent(10);
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots.map((root) => treeOf(spans, root)).toSorted()).toEqual(
      ['one', 'two'].map((name) => [name, ['left', 'sql'], ['right', 'step']]),
    );
    expect(spans.find(({ name }) => name === 'one')!.attributes).toEqual({ size: 3 });
  });

  it('makes no trace of what no request and no job asked for', async () => {
    await start(collector.url);
    await tracedCall('version check', {}, async () => undefined);
    tracedStep('step', () => undefined);
    await oneJob();
    expect((await sent(1)).map(({ name }) => name)).toEqual(['job']);
  });

  it('says of a failure what kind it is, never its message, and lets it through', async () => {
    await start(collector.url);
    class SecretiveError extends Error {
      override name = 'SecretiveError';
    }
    const failing = () =>
      tracedJob('job', {}, () =>
        traced('part', {}, async () =>
          tracedStep('step', () => {
            throw new SecretiveError('0541secret');
          }),
        ),
      );
    await expect(failing()).rejects.toThrow('0541secret');
    const spans = await sent(3);
    expect(spans.map(({ statusCode, attributes }) => [statusCode, attributes])).toEqual(
      Array(3).fill([2, { 'error.type': 'SecretiveError' }]),
    );
    expect(collector.text).not.toContain('0541secret');
  });

  it('records the share that was asked for, whole traces', async () => {
    await start(collector.url, 0);
    await oneJob();
    expect(await sent()).toEqual([]);
    await start(collector.url, 0.5);
    for (let count = 0; count < 200; count++)
      await tracedJob('job', {}, () => traced('part', {}, async () => 1));
    const names = (await sent(1)).map(({ name }) => name);
    const jobs = names.filter((name) => name === 'job').length;
    expect(jobs).toBeGreaterThan(50);
    expect(jobs).toBeLessThan(150);
    expect(names).toHaveLength(2 * jobs);
  });

  it('holds up nobody when the collector says nothing, and says so once', async () => {
    await start(collector.url);
    collector.fallSilent();
    await oneJob();
    // Not until the exporter gives up, after five seconds; and what is due earlier comes earlier, whatever the machine does.
    const ended = sent().then(() => 'ended');
    expect(await Promise.race([ended, delay(4_500, 'held up')])).toBe('ended');
  });

  it('says once that the collector is not there', async () => {
    await start('http://127.0.0.1:9');
    for (let count = 0; count < 1_200; count++) await oneJob(); // two batches
    await until(() => warnings.length > 0);
    await sent();
    expect(warnings).toEqual(['traces cannot be sent: look at TRACING_URL and at the collector']);
  });
});
