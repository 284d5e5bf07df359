import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { Balancer } from '../support/balancer.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { PROJECT, runProgram, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

jest.setTimeout(300_000);
afterAll(endEverything);

const REQUESTS = 2_000;
/** Between taking a server out of the balancer and telling it to stop, as preStopSeconds of the chart does. */
const NOTICE_MS = 300;

describeWithRedis('two servers behind a balancer', () => {
  let postgres: EmbeddedPostgres;
  let redis: ScratchRedis;
  let balancer: Balancer;
  let servers: PlazaProcess[];
  let start: () => Promise<PlazaProcess>;

  beforeAll(async () => {
    const folder = freshFolder();
    await makeDataFolder(folder);
    postgres = await EmbeddedPostgres.start(folder);
    redis = await ScratchRedis.start({ args: ['--appendonly', 'yes'] });
    const keys = freshFolder();
    mkdirSync(keys);
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      KEY_FILE: join(keys, 'key'),
      FILES_URL: `file:${join(keys, 'files')}`,
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

  /** As Kubernetes does with maxSurge 1 and maxUnavailable 0: the new one serves before the old one is told to stop. */
  async function replace(at: number): Promise<void> {
    const [old, fresh] = [servers[at]!, await start()];
    servers[at] = fresh;
    balancer.use(...servers.map(({ port }) => port));
    await delay(NOTICE_MS);
    expect((await old.stop()).code).toBe(0);
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
    let isReplacing = true;
    const replacing = replace(0)
      .then(() => replace(1))
      .finally(() => (isReplacing = false));
    do expect(await load()).toMatchObject({ refused: {}, wrong: 0 });
    while (isReplacing);
    await replacing;
    expect(balancer.lost).toEqual([]);
    const after = servers.map(({ port }) => port);
    expect(after.some((port) => before.includes(port))).toBe(false);
    for (const port of [...before, ...after]) expect(balancer.served.get(port)).toBeGreaterThan(10);
  });
});
