import { setTimeout as delay } from 'node:timers/promises';
import { ApartStack } from '../support/faults/apart-stack.js';
import { EmbeddedStack, type FaultStack } from '../support/faults/embedded-stack.js';
import { checkFiles } from '../support/faults/file-check.js';
import { isLong, Moments, roundsOr, seed, tell } from '../support/faults/fault-run.js';
import { complaintsOf, Recoveries } from '../support/faults/judgement.js';
import { endEverything } from '../support/kept-processes.js';
import { describeWithRedis } from '../support/scratch-redis.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(isLong ? 3_600_000 : 480_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const CHECK_EVERY = 10;

/** Kills by turns, at moments of the seed's, and holds what is there against what was acknowledged. */
async function rounds<Stack extends FaultStack>(
  name: string,
  stack: Stack,
  kills: Record<string, (stack: Stack, moments: Moments) => Promise<number>>,
  count: number,
  recoveries = new Recoveries(),
): Promise<string[]> {
  const moments = new Moments(name);
  const faults = Object.keys(kills);
  const complaints: string[] = [];
  tell(`${name}: ${count} rounds of kill -9, seed ${seed}`);
  for (let round = 0; round < count && complaints.length === 0; round++) {
    await delay(moments.between(100, 1_200));
    const fault = faults[round % faults.length]!;
    recoveries.add(fault, await stack.load.recovery(await kills[fault]!(stack, moments)));
    if ((round + 1) % CHECK_EVERY !== 0 && round + 1 < count) continue;
    complaints.push(...(await complaintsOf(stack)).map((text) => `round ${round + 1}: ${text}`));
    stack.load.resume();
  }
  await stack.load.pause();
  const files = await checkFiles(stack, () => stack.forgetSweep());
  recoveries.tell(name);
  tell(`${name}: ${stack.load.summary()}, ${files.orphans} files without a record before the sweep`);
  return [...complaints, ...files.complaints, ...recoveries.late];
}

describe('kill -9 with everything in one process', () => {
  it('of the server, the database and parts of it loses nothing and is over in ten seconds', async () => {
    const stack = await EmbeddedStack.start('embedded kills');
    const kills = {
      server: () => stack.killServer(),
      postmaster: () => stack.killPostmaster(),
      'PostgreSQL backend': (_: unknown, moments: Moments) => stack.killBackend(moments),
    };
    expect(await rounds('embedded kills', stack, kills, roundsOr(6, 51))).toEqual([]);
    await stack.stop();
  });
});

describeWithRedis('kill -9 with PostgreSQL, Redis, server and worker apart', () => {
  it('of any of them loses nothing and is over in ten seconds', async () => {
    const stack = await ApartStack.start('apart kills');
    const recoveries = new Recoveries();
    const kills = {
      server: () => stack.killServer(),
      worker: async () => {
        const over = await stack.killWorker();
        recoveries.add('jobs of a killed worker', await stack.load.jobsDone(over, stack.databaseUrl));
        return over;
      },
      PostgreSQL: () => stack.killPostgres(),
      Redis: () => stack.killRedis(),
    };
    expect(await rounds('apart kills', stack, kills, roundsOr(8, 52), recoveries)).toEqual([]);
    await stack.stop();
  });
});
