import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { Balancer } from '../support/balancer.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { PROJECT, runProgram, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

jest.setTimeout(300_000);
afterAll(endEverything);

const REQUESTS = 2_000;
/** By each server, so that all of them were there for some of the load. */
const SERVED_MIN = 10;
/** For as long the server says that it is not ready, and serves: long enough for a balancer that is held up. */
const STOP_DELAY_SECONDS = 6;

describeWithRedis('two servers behind a balancer', () => {
  let postgres: EmbeddedPostgres;
  let redis: ScratchRedis;
  let balancer: Balancer;
  let servers: PlazaProcess[];
  let start: () => Promise<PlazaProcess>;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
    redis = await ScratchRedis.start({ args: ['--appendonly', 'yes'] });
    const keys = freshFolder();
    mkdirSync(keys);
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      KEY_FILE: join(keys, 'key'),
      FILES_URL: `file:${join(keys, 'files')}`,
      STOP_DELAY: `${STOP_DELAY_SECONDS}s`,
    };
    start = () => startPlaza({ env });
    servers = [await start(), await start()];
    balancer = await Balancer.start(servers.map(({ port }) => port));
  });
  afterAll(async () => {
    balancer?.stop();
    await Promise.all((servers ?? []).map((server) => server.stop()));
    await redis?.stop();
    await postgres?.stop();
  });

  /**
   * As Kubernetes does with maxSurge 1 and maxUnavailable 0: the new one serves before the old one is told to stop, which
   * the balancer learns from its readiness alone.
   */
  async function replace(at: number): Promise<void> {
    const [old, fresh] = [servers[at]!, await start()];
    servers[at] = fresh;
    balancer.use(old.port, ...servers.map(({ port }) => port));
    const begun = performance.now();
    expect((await old.stop()).code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(STOP_DELAY_SECONDS * 1000);
    expect(balancer.isReady(old.port)).toBe(false);
    balancer.use(...servers.map(({ port }) => port));
  }

  it('are replaced one by one under load, and no request fails', async () => {
    const before = servers.map(({ port }) => port);
    const load = async (): Promise<unknown> => {
      const { publicKey, dataDir } = servers[0]!;
      const args = [
        '--base',
        balancer.base,
        '--pubkey',
        publicKey.toString('hex'),
        '--room',
        'lobby',
        '--json',
      ];
      const { stdout, stderr } = await runProgram(
        process.execPath,
        [
          join(PROJECT, 'test', 'load', 'load.mjs'),
          ...args,
          '--count',
          String(REQUESTS),
          '--concurrency',
          '8',
        ],
        { dataDir, cwd: PROJECT, timeoutMs: 240_000 },
      );
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout);
    };
    const served = (port: number): number => balancer.served.get(port) ?? 0;
    let isReplacing = true;
    const replaceAll = async (): Promise<void> => {
      try {
        for (let turn = 0; turn < 1_000 && !before.every((port) => served(port) > SERVED_MIN); turn++)
          await delay(50);
        await replace(0);
        await replace(1);
      } finally {
        isReplacing = false;
      }
    };
    const replacing = replaceAll();
    replacing.catch(() => undefined); // looked at when the load is over
    do expect(await load()).toMatchObject({ refused: {}, wrong: 0 });
    while (isReplacing);
    await replacing;
    expect(balancer.lost).toEqual([]);
    const after = servers.map(({ port }) => port);
    expect(after.some((port) => before.includes(port))).toBe(false);
    for (const port of [...before, ...after]) expect(served(port)).toBeGreaterThan(SERVED_MIN);
  });
});
