import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { endRedisClient } from '../../libs/coordination/redis-client.js';
import { isSettingName } from '../../libs/config/settings.js';
import { emptyWorkingFolder, endEverything, freshFolder, spawnKept } from '../support/kept-processes.js';
import { itUnless } from '../support/not-tried.js';
import { PROJECT } from '../support/plaza-process.js';
import { describeWithRedis } from '../support/scratch-redis.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);
afterAll(endEverything);

interface Service {
  image?: string;
  restart?: string;
  command?: string[];
  entrypoint?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  networks?: string[];
  security_opt?: string[];
  cap_drop?: string[];
  read_only?: boolean;
}
interface Composition {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks?: Record<string, unknown>;
}

const FILES = ['docker-compose.yml', 'docker-compose.prod.yml'];
const read = (name: string): Composition =>
  parse(readFileSync(join(PROJECT, name), 'utf8'), { merge: true }) as Composition;
const [base, production] = FILES.map(read) as [Composition, Composition];
const services = { ...base.services, ...production.services };
const volumes = { ...base.volumes, ...production.volumes };
const ONCE = ['secrets', 'migrate'];

describe('the compose files', () => {
  const program = composeProgram();
  itUnless(program ? undefined : 'no docker-compose', 'are understood by Compose', () => {
    const [command, ...before] = program!;
    for (const files of [FILES.slice(0, 1), FILES]) {
      const args = [...before, ...files.flatMap((name) => ['-f', join(PROJECT, name)]), 'config', '-q'];
      const env = { ...process.env, PLAZA_DOMAIN: 'chat.example.org' };
      execFileSync(command!, args, { env, stdio: 'pipe' });
    }
  });

  it('start everything in order: passwords, databases, migrations, server, worker', () => {
    const waits = (name: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(services[name]!.depends_on ?? {}).map(([other, { condition }]) => [other, condition]),
      );
    expect(waits('postgres')).toEqual({ secrets: 'service_completed_successfully' });
    expect(waits('migrate')).toEqual({ postgres: 'service_healthy' });
    expect(waits('api')).toEqual({ migrate: 'service_completed_successfully', redis: 'service_healthy' });
    expect(waits('worker')).toEqual({ api: 'service_healthy' });
  });

  it.each(Object.keys(services))('keep %s alive, watched and harmless', (name) => {
    const service = services[name]!;
    expect(service.image).toMatch(/^(\$\{PLAZA_IMAGE:-plaza:local\}|[\w/.-]+:v?\d[\w.-]+)$/);
    expect(service.restart).toBe(
      name === 'secrets' ? 'no' : name === 'migrate' ? 'on-failure' : 'unless-stopped',
    );
    const isWatched = service.healthcheck?.test !== undefined;
    // The image of Plaza has a health check of its own.
    expect(isWatched || service.image!.includes('PLAZA_IMAGE')).toBe(true);
    if (name !== 'caddy') expect(service.security_opt).toEqual(['no-new-privileges:true']);
    if (!['postgres'].includes(name)) expect(service.cap_drop).toEqual(['ALL']);
    if (service.image!.includes('PLAZA_IMAGE')) expect(service.read_only).toBe(true);
  });

  it('mount volumes and files that there are', () => {
    for (const volume of Object.values(services).flatMap((service) => service.volumes ?? [])) {
      const [source] = volume.split(':') as [string];
      const exists = source.startsWith('.')
        ? existsSync(join(PROJECT, source))
        : Object.hasOwn(volumes, source);
      expect([volume, exists]).toEqual([volume, true]);
    }
  });

  it('keep backups apart from what they are of, in a folder of the account that makes them', () => {
    const { volumes: mounted, entrypoint, command } = production.services.backup!;
    expect(mounted).toContain('backups:/backups');
    expect(command!.join()).toContain('plaza backup /backups/ --keep');
    expect(entrypoint).toEqual(['tini', '--', '/bin/sh', '-uc']);
    // A new volume takes over the owner of the folder that the image has there.
    expect(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')).toMatch(
      /install -d -o 1000 -g 1000 -m 0750 .*\/backups$/m,
    );
  });

  it('name settings that there are, and no password', () => {
    for (const name of ['migrate', 'api', 'worker', 'backup'])
      for (const [setting, value] of Object.entries(services[name]!.environment ?? {})) {
        expect([setting, isSettingName(setting) || setting === 'BACKUPS_KEPT']).toEqual([setting, true]);
        expect([setting, /:\/\/[^/@]*:[^/@]*@/.test(value)]).toEqual([setting, false]);
        expect([setting, /(PASSWORD|SECRET|TOKEN)$/.test(setting)]).toEqual([setting, false]);
      }
  });

  it('let only the API, the proxy and Grafana be reached from outside', () => {
    const open = Object.entries(services).filter(([, { ports }]) => ports);
    expect(Object.fromEntries(open.map(([name, { ports }]) => [name, ports]))).toEqual({
      api: ['${PLAZA_LISTEN:-8080}:8080'],
      grafana: ['${GRAFANA_LISTEN:-127.0.0.1:3000}:3000'],
      caddy: ['80:80', '443:443', '443:443/udp'],
    });
    for (const name of ['postgres', 'redis', 'prometheus'])
      expect(services[name]!.networks).toEqual(['inner']);
    expect(base.networks).toMatchObject({ inner: { internal: true } });
    expect(Object.keys(services).filter((name) => services[name]!.profiles)).toEqual([
      'prometheus',
      'grafana',
    ]);
    expect(ONCE.every((name) => services[name]!.healthcheck?.disable)).toBe(true);
  });
});

/** A command of a service as its shell gets it, with another folder in place of the volume. */
const scriptOf = (name: string, folder: string): string =>
  services[name]!.command![0]!.replaceAll('$$', '$').replaceAll('/run/plaza', folder);

describe('passwords', () => {
  it('are made once, long, and readable by the services', () => {
    const folder = freshFolder();
    mkdirSync(folder);
    const make = (): Buffer => execFileSync('/bin/sh', ['-euc', scriptOf('secrets', folder)]);
    make();
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['database_password', 'grafana_password', 'redis_password']);
    const texts = names.map((name) => readFileSync(join(folder, name), 'utf8'));
    for (const text of texts) expect(text).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(texts).size).toBe(3);
    for (const name of names) expect((statSync(join(folder, name)).mode & 0o777).toString(8)).toBe('444');
    make();
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(texts);
  });
});

describeWithRedis('the Redis of the compose file', () => {
  it('wants the password, writes everything down and forgets nothing', async () => {
    const secrets = freshFolder();
    const data = freshFolder();
    for (const folder of [secrets, data]) mkdirSync(folder);
    execFileSync('/bin/sh', ['-euc', scriptOf('secrets', secrets)]);
    const socket = join(data, 'redis.sock');
    const script = scriptOf('redis', secrets).replace(
      'dir /data',
      `dir ${data}\nunixsocket ${socket}\nport 0`,
    );
    const child = spawnKept('/bin/sh', ['-euc', script], {
      cwd: emptyWorkingFolder(),
      env: { PATH: process.env.PATH ?? '' },
    });
    await until(() => existsSync(socket) || child.isGone());
    const ask = async (password?: string): Promise<unknown> => {
      const redis = new Redis({ path: socket, password, lazyConnect: true, retryStrategy: () => null });
      redis.on('error', () => undefined);
      try {
        await redis.connect();
        return [
          await redis.config('GET', 'appendonly'),
          await redis.config('GET', 'maxmemory-policy'),
        ].flat();
      } finally {
        endRedisClient(redis);
      }
    };
    await expect(ask()).rejects.toThrow(/NOAUTH|closed/);
    const password = readFileSync(join(secrets, 'redis_password'), 'utf8');
    expect(await ask(password)).toEqual(['appendonly', 'yes', 'maxmemory-policy', 'noeviction']);
    process.kill(child.pid, 'SIGTERM');
    await child.finished;
  });
});

/** Compose as a program of its own, or as a part of Docker. */
function composeProgram(): string[] | undefined {
  return [['docker-compose'], ['docker', 'compose']].find(([command, ...args]) => {
    try {
      execFileSync(command!, [...args, 'version'], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  });
}
