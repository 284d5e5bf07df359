import { setTimeout as delay } from 'node:timers/promises';
import { ApartStack } from '../support/faults/apart-stack.js';
import { EmbeddedStack, type FaultStack } from '../support/faults/embedded-stack.js';
import { isLong, tell } from '../support/faults/fault-run.js';
import { complaintsOf, Recoveries } from '../support/faults/judgement.js';
import { endEverything } from '../support/kept-processes.js';
import { postmasterPid } from '../support/plaza-process.js';
import { goOn, standStill } from '../support/child-processes.js';
import { describeWithRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(isLong ? 900_000 : 480_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

/** Longer than it takes to be sure of a database that says nothing. */
const STOPPED_MS = isLong ? 30_000 : 10_000;

/** Of ordinary work before and after. */
const WORK_MS = 1_500;

/** Begins an outage, looks what clients and the operator's probes are told, ends it. */
async function outage(
  stack: FaultStack,
  recoveries: Recoveries,
  fault: string,
  { begin, end }: { begin: () => Promise<unknown> | void; end: () => Promise<unknown> | void },
): Promise<string[]> {
  const complaints: string[] = [];
  const probe = async (path: string, expected: number): Promise<void> => {
    const { status } = await http(stack.server.base, { method: 'GET', target: path });
    if (status !== expected) complaints.push(`${fault}: ${path} says ${status}`);
  };
  await delay(WORK_MS);
  await begin();
  await delay(STOPPED_MS / 2);
  await Promise.all([probe('/health/live', 200), probe('/health/ready', 503)]);
  await delay(STOPPED_MS / 2);
  await end();
  recoveries.add(`${fault} for ${STOPPED_MS / 1000} s`, await stack.load.recovery(performance.now()));
  await delay(WORK_MS);
  const isReady = async () =>
    (await http(stack.server.base, { method: 'GET', target: '/health/ready' })).status === 200;
  await until(isReady);
  return complaints;
}

describe('everything in one process', () => {
  it('whose PostgreSQL stands still answers 503 meanwhile, loses nothing, and goes on', async () => {
    const stack = await EmbeddedStack.start('embedded outage');
    const recoveries = new Recoveries();
    let stopped: number[] = [];
    const complaints = await outage(stack, recoveries, 'PostgreSQL stands still (SIGSTOP)', {
      begin: async () => (stopped = standStill(await postmasterPid(stack.server.dataDir))),
      end: () => goOn(stopped),
    });
    complaints.push(...(await complaintsOf(stack)));
    recoveries.tell('embedded outage');
    tell(`embedded outage: ${stack.load.summary()}`);
    expect([...complaints, ...recoveries.late]).toEqual([]);
    await stack.stop();
  });
});

describeWithRedis('PostgreSQL, Redis, server and worker apart', () => {
  it('of which one stands still or is stopped answer 503 meanwhile, lose nothing, and go on', async () => {
    const stack = await ApartStack.start('apart outages');
    const { postgres, redis } = stack;
    let stopped: number[] = [];
    const outages = {
      'PostgreSQL stands still (SIGSTOP)': {
        begin: async () => (stopped = standStill((await postgres.pid())!)),
        end: () => goOn(stopped),
      },
      'PostgreSQL is stopped': { begin: () => postgres.stop(), end: () => postgres.restart() },
      'Redis stands still (SIGSTOP)': { begin: () => redis.freeze(), end: () => redis.thaw() },
      'Redis is stopped': { begin: () => redis.stop(), end: () => redis.restart() },
    };
    const [recoveries, complaints] = [new Recoveries(), [] as string[]];
    for (const [fault, how] of Object.entries(outages))
      complaints.push(...(await outage(stack, recoveries, fault, how)));
    complaints.push(...(await complaintsOf(stack)));
    recoveries.tell('apart outages');
    tell(`apart outages: ${stack.load.summary()}`);
    expect([...complaints, ...recoveries.late]).toEqual([]);
    await stack.stop();
  });
});
