import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisUnavailableError } from '../../libs/coordination/redis-unavailable-error.js';
import { OperatorError } from '../../libs/protocol/operator-error.js';
import { atOnce } from '../support/at-once.js';
import { endEverything } from '../support/kept-processes.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** Two seconds for an answer, and what a busy machine takes on top; else it would be for ever. */
const TIMEOUT_MS = 15_000;
const RECOVERY_MS = 30_000;

describeWithRedis('a connection to Redis', () => {
  const warnings: string[] = [];
  const servers: ScratchRedis[] = [];
  const connections: RedisConnection[] = [];
  const others: Server[] = [];
  const sockets = new Set<Socket>();

  const start = async (options = {}): Promise<ScratchRedis> => {
    const server = await ScratchRedis.start(options);
    servers.push(server);
    return server;
  };
  const open = async (url: string): Promise<RedisConnection> => {
    const log = { warn: (message: string) => void warnings.push(message) };
    const connection = await RedisConnection.open({ url, keyPrefix: 'a:', log });
    connections.push(connection);
    return connection;
  };
  /** Something that is not a Redis, on a free port. */
  const pretend = async (talk: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      talk(socket);
    });
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  beforeEach(() => void (warnings.length = 0));
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    for (const socket of sockets) socket.destroy();
    for (const server of others.splice(0)) server.close();
  });
  afterAll(endEverything);

  const incr = (connection: RedisConnection) => {
    const script = connection.script('count', `return redis.call('INCR', KEYS[1])`);
    return () => script(['a:count'], []);
  };
  const untilItWorks = async (work: () => Promise<unknown>): Promise<number> => {
    for (const began = Date.now(); ;) {
      try {
        await work();
        return Date.now() - began;
      } catch (error) {
        if (Date.now() - began > RECOVERY_MS) throw error;
        await delay(20);
      }
    }
  };

  describe('is refused at the start in a sentence', () => {
    const refusal = async (url: string): Promise<string> => {
      const error: unknown = await open(url).catch((refused: unknown) => refused);
      expect(error).toBeInstanceOf(OperatorError);
      return (error as Error).message;
    };

    it('where nobody listens', async () => {
      expect(await refusal('redis://127.0.0.1:1')).toMatch(
        /^The Redis of REDIS_URL cannot be used: .*ECONNREFUSED/,
      );
    });

    it('where the host does not exist', async () => {
      expect(await refusal('redis://plaza.invalid')).toMatch(/REDIS_URL.*plaza\.invalid/);
    });

    it('with a wrong password, which is not told', async () => {
      const server = await start({ password: 'right' });
      const message = await refusal(server.url.replace('right', 'hunter2'));
      expect(message).toMatch(/REDIS_URL.*WRONGPASS/);
      expect(message).not.toContain('hunter2');
      expect(await (await open(server.url)).isReachable()).toBe(true);
    });

    it('without the password that it wants', async () => {
      const server = await start({ password: 'right' });
      expect(await refusal(server.url.replace(':right@', ''))).toMatch(/REDIS_URL.*NOAUTH/);
    });

    it('where something else answers', async () => {
      const url = await pretend((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      expect(await refusal(url)).toMatch(/^The Redis of REDIS_URL cannot be used: ./);
    });

    it('where nothing is answered, within seconds', async () => {
      const url = await pretend(() => undefined);
      const began = Date.now();
      expect(await refusal(url)).toMatch(/^The Redis of REDIS_URL cannot be used: ./);
      expect(Date.now() - began).toBeLessThan(TIMEOUT_MS);
    });

    it.each(['6.0.20', '5.0.14', '3.2.0'])('where it has version %s', async (version) => {
      const url = await pretend((socket) => answerLike(socket, `redis_version:${version}\r\n`));
      expect(await refusal(url)).toBe(
        `The Redis of REDIS_URL has version ${version}, which is too old: Plaza needs 6.2 or newer.`,
      );
    });
  });

  it.each(['6.2.0', '7.0.15', '8.2.1', '10.0.0'])('is made to version %s', async (version) => {
    const url = await pretend((socket) => answerLike(socket, `redis_version:${version}\r\n`));
    await open(url);
  });

  it('warns of a Redis that may forget', async () => {
    const server = await start({ args: ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'] });
    await open(server.url);
    expect(warnings).toEqual([
      expect.stringContaining('maxmemory-policy allkeys-lru'),
      expect.stringContaining('appendonly yes'),
    ]);
  });

  it('warns of nothing when Redis keeps everything', async () => {
    await open((await start({ args: ['--appendonly', 'yes'] })).url);
    expect(warnings).toEqual([]);
  });

  it('that is cut does not show', async () => {
    const server = await start();
    const connection = await open(server.url);
    const count = incr(connection);
    await count();
    const ourId = async () =>
      /^id=(\d+) .*name=plaza /m.exec(String(await server.ask((ask) => ask.call('CLIENT', 'LIST'))))?.[1];
    for (let round = 2; round < 6; round++) {
      const killed = await ourId();
      await server.ask((ask) => ask.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
      await until(async () => (await ourId()) !== killed); // and we know
      expect(await count()).toBe(round);
    }
    expect(warnings.slice(1)).toEqual([]); // the first is about the append-only file
  });

  it('fails what is under way when Redis dies, and all that follows at once, until it is back', async () => {
    const server = await start();
    const connection = await open(server.url);
    const count = incr(connection);
    await count();
    await server.stop();
    await expect(count()).rejects.toThrow(RedisUnavailableError);
    await until(() => warnings.includes('Redis is away'));

    const results = await atOnce(Promise.allSettled(Array.from({ length: 20_000 }, count)));
    expect(results).toHaveLength(20_000);
    for (const result of results.slice(0, 100))
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'RedisUnavailableError' } });
    expect(await connection.isReachable()).toBe(false);

    await server.restart();
    await untilItWorks(count);
    expect(await connection.isReachable()).toBe(true);
    expect(warnings.slice(1)).toEqual(['Redis is away', 'Redis is back']);
  });

  it('gives up a Redis that does not answer any more within seconds, and is made again', async () => {
    const server = await start();
    const connection = await open(server.url);
    const count = incr(connection);
    await count();
    server.freeze();
    const began = Date.now();
    await expect(count()).rejects.toThrow(RedisUnavailableError);
    expect(Date.now() - began).toBeLessThan(TIMEOUT_MS);
    server.thaw();
    await untilItWorks(count);
  });

  it('does not collect more commands than it can bear while Redis does not answer', async () => {
    const server = await start();
    const connection = await open(server.url);
    const count = incr(connection);
    await count();
    server.freeze();
    const refused: number[] = [];
    const calls = Array.from({ length: 12_000 }, (_, at) => count().catch(() => refused.push(at)));
    await new Promise<void>((resolve) => process.nextTick(resolve)); // before any time is up
    expect(refused).toHaveLength(2_000);
    await Promise.all(calls);
    server.thaw();
    await untilItWorks(count);
  });

  it('counts a Redis that is full as one that is away', async () => {
    const server = await start({ args: ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction'] });
    const connection = await open(server.url);
    const fill = connection.script('fill', `return redis.call('SET', KEYS[1], ARGV[1])`);
    const fillAll = async (): Promise<void> => {
      for (let at = 0; at < 100; at++) await fill([`a:${at}`], ['x'.repeat(100_000)]);
    };
    await expect(fillAll()).rejects.toThrow(RedisUnavailableError);
  });

  it('tells a mistake in a command from an absent Redis', async () => {
    const connection = await open((await start()).url);
    const wrong = connection.script('wrong', `return redis.call('NONSENSE')`);
    await expect(wrong([], [])).rejects.not.toThrow(RedisUnavailableError);
    expect(await connection.isReachable()).toBe(true);
  });
});

/** A Redis as far as the start looks: HELLO is unknown to it, INFO says `info`, all else is OK. */
function answerLike(socket: Socket, info: string): void {
  socket.setEncoding('latin1').on('data', (text: string) => {
    for (const command of text.split(/(?=\*\d+\r\n)/).map((each) => each.split('\r\n')[2] ?? '')) {
      if (/^hello$/i.test(command)) socket.write(`-ERR unknown command 'HELLO'\r\n`);
      else if (/^info$/i.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`);
      else socket.write('+OK\r\n');
    }
  });
}
