import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder, type KeptProcess } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call } from '../support/plaza-calls.js';
import { launchPlaza, READY, waitForText } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

jest.setTimeout(180_000);

let postgres: EmbeddedPostgres;
let keys: string;
beforeAll(async () => {
  mkdirSync((keys = freshFolder()));
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.stop());
afterAll(endEverything);

function launch(over: Record<string, string>): KeptProcess {
  const env = { DATABASE_URL: postgres.url, KEY_FILE: join(keys, 'key'), START_WAIT: '60s', ...over };
  return launchPlaza({ dataDir: freshFolder(), env });
}

async function saysThatItWaits(server: KeptProcess, name: string): Promise<void> {
  for (let turn = 0; turn < 1_200 && !server.isGone(); turn++, await delay(50))
    if (server.stderr().includes(`${name} is not there yet; waiting for it, 60 s at most`)) return;
  throw new Error(`it does not wait for ${name}:\n${server.stderr()}`);
}

async function serves(server: KeptProcess): Promise<void> {
  const [, port, publicKey] = await waitForText(server, READY);
  const community = { base: `http://127.0.0.1:${port}`, publicKey: Buffer.from(publicKey!, 'hex') };
  expect((await call(community, undefined, 'GET', '/rooms')).status).toBe(200);
  process.kill(server.pid, 'SIGTERM');
  expect((await server.finished).code).toBe(0);
}

describe('a server that starts before its PostgreSQL', () => {
  it('waits for it', async () => {
    await postgres.stop();
    const server = launch({});
    await saysThatItWaits(server, 'PostgreSQL');
    await postgres.restart();
    await serves(server);
    expect(server.stderr().match(/not there yet/g)).toHaveLength(1);
  });

  it('waits no longer when it is told to stop', async () => {
    const server = launch({ DATABASE_URL: 'postgres://plaza@127.0.0.1:1/plaza' });
    await saysThatItWaits(server, 'PostgreSQL');
    const begun = performance.now();
    process.kill(server.pid, 'SIGTERM');
    expect((await server.finished).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
  });
});

describeWithRedis('a server that starts before its Redis', () => {
  it('waits for it', async () => {
    const redis = await ScratchRedis.start();
    await redis.stop();
    const server = launch({ REDIS_URL: redis.url });
    await saysThatItWaits(server, 'Redis');
    await redis.restart();
    await serves(server);
    await redis.stop();
  });
});
