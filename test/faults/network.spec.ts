import { setTimeout as delay } from 'node:timers/promises';
import { ApartStack, type Pipes } from '../support/faults/apart-stack.js';
import { isLong, Moments, roundsOr, seed, tell } from '../support/faults/fault-run.js';
import { complaintsOf, Recoveries } from '../support/faults/judgement.js';
import { endEverything } from '../support/kept-processes.js';
import { describeWithRedis } from '../support/scratch-redis.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(isLong ? 1_800_000 : 480_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const PLACES: readonly (keyof Pipes)[] = ['clients', 'database', 'redis'];
const [STALLED_MIN_MS, STALLED_MAX_MS] = [500, isLong ? 20_000 : 7_000];
/** What clients are kept from hearing is not the server's to answer. */
const CLIENTS_STALLED_MAX_MS = 7_000;
const [CUT_MIN_MS, CUT_MAX_MS] = [100, 3_000];

describeWithRedis('a network that breaks', () => {
  it('between clients, server, PostgreSQL and Redis loses nothing, and is forgotten in ten seconds', async () => {
    const stack = await ApartStack.start('network', { withPipes: true });
    const [moments, recoveries] = [new Moments('network'), new Recoveries()];
    tell(`network: seed ${seed}`);
    const complaints: string[] = [];
    for (let round = 0; round < roundsOr(6, 36) && complaints.length === 0; round++) {
      await delay(moments.between(300, 1_500));
      const place = PLACES[round % PLACES.length]!;
      const pipe = stack.pipes![place];
      const isCut = Math.floor(round / PLACES.length) % 2 === 1;
      if (!isCut) {
        pipe.stall();
        const most = place === 'clients' ? CLIENTS_STALLED_MAX_MS : STALLED_MAX_MS;
        await delay(moments.between(STALLED_MIN_MS, most));
        // Some are cut when they have stalled for a while, as connections end that nobody hears of.
        if (moments.between(0, 1) < 0.5) pipe.cut();
      } else {
        pipe.cut();
        await delay(moments.between(CUT_MIN_MS, CUT_MAX_MS));
      }
      pipe.flow();
      const fault = `${place} ${isCut ? 'cut' : 'stalled'}`;
      recoveries.add(fault, await stack.load.recovery(performance.now()));
      if ((round + 1) % PLACES.length !== 0) continue;
      complaints.push(...(await complaintsOf(stack)).map((text) => `round ${round + 1}: ${text}`));
      stack.load.resume();
    }
    recoveries.tell('network');
    tell(`network: ${stack.load.summary()}`);
    expect([...complaints, ...recoveries.late]).toEqual([]);
    await stack.stop();
  });
});
