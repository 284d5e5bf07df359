import { setTimeout as delay } from 'node:timers/promises';
import { TraceCollector, treeOf } from '../../test/support/trace-collector.js';
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
const sent = async () => {
  await tracing?.close();
  tracing = undefined;
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
    const spans = await sent();
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
    expect((await sent()).map(({ name }) => name)).toEqual(['job']);
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
    const spans = await sent();
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
    const names = (await sent()).map(({ name }) => name);
    const jobs = names.filter((name) => name === 'job').length;
    expect(jobs).toBeGreaterThan(50);
    expect(jobs).toBeLessThan(150);
    expect(names).toHaveLength(2 * jobs);
  });

  it('holds up nobody when the collector says nothing, and says so once', async () => {
    await start(collector.url);
    collector.fallSilent();
    await oneJob();
    const begun = performance.now();
    await sent();
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  it('says once that the collector is not there', async () => {
    await start('http://127.0.0.1:9');
    for (let count = 0; count < 1_200; count++) await oneJob(); // two batches
    for (const until = Date.now() + 15_000; warnings.length === 0 && Date.now() < until;) await delay(100);
    await sent();
    expect(warnings).toEqual(['traces cannot be sent: look at TRACING_URL and at the collector']);
  });
});
