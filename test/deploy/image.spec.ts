import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirname } from 'node:path';
import type { Healthcheck, JSONInstruction, Label } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import {
  carryOut,
  copyContext,
  DOCKERFILE,
  SKIPPED_STEP,
  stages,
  type Stage,
} from '../support/image-steps.js';
import {
  emptyWorkingFolder,
  endEverything,
  freshFolder,
  spawnKept,
  type Finished,
  type KeptProcess,
} from '../support/kept-processes.js';
import { itUnless } from '../support/not-tried.js';
import { PROJECT, waitForText } from '../support/plaza-process.js';
import { until } from '../support/until.js';

jest.setTimeout(10 * 60_000);
afterAll(endEverything);

interface Lock {
  packages: Record<string, { version?: string }>;
}

const image = (): Stage => stages().at(-1)!;
const argumentsOf = (keyword: string): string[] =>
  image()
    .steps.filter((step) => step.getKeyword() === keyword)
    .map((step) => step.getArgumentsContent() ?? '');
const jsonOf = (keyword: string): string[] =>
  (image().steps.find((step) => step.getKeyword() === keyword) as JSONInstruction)
    .getJSONStrings()
    .map((each) => each.getJSONValue());

describe('the Dockerfile', () => {
  it('has nothing that a linter minds', () => expect(validate(DOCKERFILE)).toEqual([]));

  it('builds on one version of Node 24 slim', () => {
    for (const { from } of stages()) expect(from.getImage()).toBe('node:${NODE_VERSION}-bookworm-slim');
    expect(DOCKERFILE).toMatch(/^ARG NODE_VERSION=24\.\d+\.\d+$/m);
  });

  it('installs what it compiles with in one step, which these tests take from here instead of carrying it out', () => {
    const installing = stages().flatMap(({ name, steps }) =>
      steps
        .map((step) => step.getRawArgumentsContent() ?? '')
        .filter((text) => /npm (ci|install)\b/.test(text))
        .map((text) => [name, text]),
    );
    const omitting = expect.stringContaining('npm install --omit=dev --ignore-scripts') as string;
    expect(installing).toEqual([
      ['build', SKIPPED_STEP],
      ['packages', omitting],
    ]);
    // What is here is what that step would install: the versions of the lock file.
    const versions = (file: string): [path: string, version: string | undefined][] => {
      const lock = JSON.parse(readFileSync(join(PROJECT, file), 'utf8')) as Lock;
      return Object.entries(lock.packages).map(([path, { version }]) => [path, version]);
    };
    const locked = new Map(versions('package-lock.json'));
    const here = versions('node_modules/.package-lock.json');
    expect(here.filter(([path, version]) => locked.get(path) !== version)).toEqual([]);
  });

  it('is not root, has an init, a health check and a server by default', () => {
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
    expect(jsonOf('ENTRYPOINT')).toEqual(['tini', '--', 'container']);
    expect(jsonOf('CMD')).toEqual(['api']);
    const check = image().steps.find((step) => step.getKeyword() === 'HEALTHCHECK') as Healthcheck;
    expect(check.getSubcommand()?.getValue()).toBe('CMD');
    expect(check.getRawArgumentsContent()).toContain('["container", "healthy"]');
  });

  it('leaves package managers and compilers behind', () => {
    const [system] = argumentsOf('RUN');
    expect(system).toContain('/usr/local/lib/node_modules');
    expect(system).toContain('rm -rf /var/lib/apt/lists/*');
    expect(argumentsOf('RUN').join()).not.toMatch(/npm (ci|install|run)|gcc|make\b|python|build-essential/);
  });

  it('says what it is', () => {
    const labels = image()
      .steps.filter((step) => step.getKeyword() === 'LABEL')
      .flatMap((step) => (step as Label).getProperties().map((label) => label.getName()));
    expect(labels).toEqual(
      expect.arrayContaining(
        ['title', 'description', 'licenses', 'version', 'revision', 'created'].map(
          (name) => `org.opencontainers.image.${name}`,
        ),
      ),
    );
  });
});

describe('the image, made in a folder', () => {
  const isRoot = process.getuid?.() === 0;
  /** An account that owns nothing here; PostgreSQL wants one that has a name. */
  const account = isRoot ? accountOf('nobody') : undefined;
  let app = '';
  let data: string;
  const settings = (): Record<string, string> => ({
    PATH: `${join(app, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: '/nonexistent',
    NODE_ENV: 'production',
    DATA_DIR: data,
    HOST: '127.0.0.1',
    PORT: '0',
    WORKER_HEALTH_PORT: '0',
  });
  const start = (...command: string[]): KeptProcess => startWith({}, ...command);
  const startWith = (env: Record<string, string>, ...command: string[]): KeptProcess =>
    spawnKept(join(app, 'bin', 'container'), command, {
      cwd: emptyWorkingFolder(),
      env: { ...settings(), ...env },
      ...account,
    });
  const end = (child: KeptProcess): Promise<Finished> => {
    process.kill(child.pid, 'SIGTERM');
    return child.finished;
  };

  beforeAll(async () => {
    const root = freshFolder();
    const context = join(root, 'context');
    copyContext(context);
    for (const stage of stages())
      await carryOut(stage, { folder: join(root, stage.name), context, others: root });
    app = join(root, 'image');
    for (const name of ['context', 'build', 'packages'])
      rmSync(join(root, name), { recursive: true, force: true });
    execFileSync('chmod', ['-R', 'a-w,a+rX', app]);
    data = join(root, 'data');
    mkdirSync(data, { mode: 0o750 });
    if (account) chownSync(data, account.uid, account.gid);
  });
  afterAll(() => {
    if (existsSync(app)) execFileSync('chmod', ['-R', 'u+w', app]);
  });

  it('has what a server needs and nothing to make one with', () => {
    const packages = readdirSync(join(app, 'node_modules'));
    expect(packages).toEqual(expect.arrayContaining(['@nestjs', 'fastify', 'pg', 'sodium-native']));
    for (const name of ['typescript', 'jest', '@swc', 'prisma', 'prettier', 'oxlint', 'playwright-core'])
      expect([name, packages.includes(name)]).toEqual([name, false]);
    expect(packages.filter((name) => /^node-(linux|darwin)/.test(name))).toEqual([]);
    expect(existsSync(join(app, 'test'))).toBe(false);
    expect(readdirSync(app).sort()).toEqual(
      ['LICENSE', 'apps', 'bin', 'dist', 'node_modules', 'package.json', 'prisma'].sort(),
    );
  });

  it('serves, works, migrates and obeys as another user on a tree that nobody can write', async () => {
    const api = startWith({ RUN_WORKER: 'false' }, 'api');
    const [, port] = await waitForText(api, /Plaza is running on port (\d+)/);
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    const worker = start('worker');
    const health = await startWith({ PORT: port! }, 'healthy').finished;
    expect(health).toMatchObject({ code: 0, stderr: '' });
    expect(await startWith({ PORT: '1', WORKER_HEALTH_PORT: '1' }, 'healthy').finished).toMatchObject({
      code: 1,
    });
    expect(await start('migrate').finished).toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
    });
    expect((await start('plaza', 'room', 'list').finished).stdout).toContain('lobby');
    expect((await start('sh', '-c', 'plaza key show').finished).stdout).toMatch(/public key\s+[0-9a-f]{64}/);
    await until(() => /the worker is running/.test(worker.stderr()) || worker.isGone());
    expect(worker.isGone()).toBe(false);
    expect((await end(worker)).code).toBe(0);
    expect((await end(api)).code).toBe(0);
  });

  const obstacle = account ? undefined : 'only root can lend a file';
  itUnless(obstacle, 'takes a key that root lends to its group, and none that others may read', async () => {
    const key = join(emptyWorkingFolder(), 'lent-key');
    writeFileSync(key, Buffer.alloc(32, 7));
    chownSync(key, 0, account!.gid);
    const show = async (mode: string): Promise<Finished> => {
      execFileSync('chmod', [mode, key]);
      return startWith({ KEY_FILE: key }, 'plaza', 'key', 'show').finished;
    };
    expect(await show('440')).toMatchObject({ code: 0, stderr: '' });
    expect(await show('444')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('read by others') as string,
    });
    expect(await show('460')).toMatchObject({ code: 1 });
  });
});

function accountOf(name: string): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8' })),
  );
  return { uid: uid!, gid: gid! };
}
