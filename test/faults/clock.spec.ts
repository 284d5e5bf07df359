import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedStack } from '../support/faults/embedded-stack.js';
import { isLong, Moments, roundsOr, seed, tell } from '../support/faults/fault-run.js';
import { complaintsOf, Recoveries, tellLog } from '../support/faults/judgement.js';
import { MovedClock } from '../support/faults/moved-clock.js';
import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, post, signed, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(isLong ? 600_000 : 400_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const HOUR_MS = 3_600_000;

describe('a clock that jumps', () => {
  it('by hours, back and forth, disturbs nobody who writes and reads', async () => {
    const clock = new MovedClock();
    const stack = await EmbeddedStack.start('clock', { env: clock.env });
    stack.load.judgesFiles = false;
    const [moments, recoveries] = [new Moments('clock'), new Recoveries()];
    tell(`clock: seed ${seed}`);
    for (let round = 0; round < roundsOr(6, 30); round++) {
      // Clients' own clocks stay, and a day is what may be between the two.
      const hours = round % 2 === 0 ? moments.between(1, 11) : moments.between(-11, -1);
      await clock.set(hours * HOUR_MS);
      recoveries.add('clock moved', await stack.load.recovery(performance.now()));
      await delay(moments.between(300, 1_500));
    }
    await clock.set(0);
    recoveries.tell('clock');
    tell(`clock: ${stack.load.summary()}`);
    if (stack.load.ledger.losses.size > 0) tellLog(stack);
    expect([...stack.load.ledger.losses]).toEqual([]);
    expect([...(await complaintsOf(stack)), ...recoveries.late]).toEqual([]);
    await stack.stop();
  });

  describe.each([
    ['forward', 5],
    ['back', -5],
  ])('%s', (_name, hours) => {
    let clock: MovedClock;
    let server: PlazaProcess;
    beforeAll(async () => {
      clock = new MovedClock();
      server = await startPlaza({ env: { ...clock.env, RATE_LIMIT_POSTS: '3', RATE_LIMIT_WINDOW: '4s' } });
    });
    beforeEach(() => clock.set(0));
    afterAll(() => server.stop());
    const jump = () => clock.set(hours * HOUR_MS);

    it('keeps nobody from writing for longer than the window of the rate limit', async () => {
      const ann = newAccount(server);
      await until(async () => (await post(server, ann, 'lobby', 'before')).status === 429);
      await jump();
      await until(async () => (await post(server, ann, 'lobby', 'after')).status === 201);
    });

    it('lets no request be replayed', async () => {
      const ann = newAccount(server);
      const target = '/room/lobby/message';
      const { headers, body } = signed(ann, 'POST', target, { json: messageBody(ann, 'once') });
      const send = async () => (await http(server.base, { method: 'POST', target, body }, headers)).status;
      expect(await send()).toBe(201);
      await jump();
      expect(await send()).toBe(425);
    });

    it('keeps the worker at its work', async () => {
      const admin = newAccount(server);
      await server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
      await untilModerator(server, admin);
      const ann = newAccount(server);
      await call(server, ann, 'GET', '/room/lobby');
      await jump();
      const target = `/room/lobby/futurePermissions/${ann.blindedId}`;
      const asked = await call(server, admin, 'POST', target, { json: { write: false, in: 1 } });
      expect(asked.status).toBe(200);
      const mayWrite = async () =>
        ((await call(server, ann, 'GET', '/room/lobby')).json as { write: boolean }).write;
      await until(async () => !(await mayWrite()));
    });

    it('does not stop pages from showing what is new', async () => {
      const page = async () =>
        (await http(server.base, { method: 'GET', target: '/r/lobby/' })).body.toString();
      await page();
      await jump();
      const ann = newAccount(server);
      expect((await post(server, ann, 'lobby', `news of ${hours}`)).status).toBe(201);
      await until(async () => (await page()).includes(`news of ${hours}`));
    });
  });
});
