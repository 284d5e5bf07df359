import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { itUnless } from '../support/not-tried.js';
import { PROJECT } from '../support/plaza-process.js';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const UNITS = readdirSync(join(PROJECT, 'deploy', 'systemd'));
const PAGES = readdirSync(join(PROJECT, 'docs')).filter((name) => name.endsWith('.md'));
const SERVERS = [
  ['plaza.service', 'start'],
  ['plaza-worker.service', 'start:worker'],
] as const;

describe('systemd units', () => {
  const obstacle = existsSync('/usr/bin/systemd-analyze') ? undefined : 'no systemd-analyze';
  itUnless(obstacle, 'are understood by systemd', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plaza-units-'));
    try {
      // Where it is installed makes no difference to the rest.
      for (const name of UNITS)
        writeFileSync(
          join(folder, name),
          read(`deploy/systemd/${name}`).replace(/^(ExecStart=)\S+/m, '$1/bin/true'),
        );
      const paths = UNITS.map((name) => join(folder, name));
      const output = execFileSync(
        '/bin/sh',
        ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', ...paths],
        {
          encoding: 'utf8',
        },
      );
      expect(output.split('\n').filter((line) => line.includes('plaza'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(SERVERS)('%s runs what npm run %s does', (name, script) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const [, command] = /^ExecStart=\/opt\/plaza\/node_modules\/\.bin\/(.+)$/m.exec(
      read(`deploy/systemd/${name}`),
    )!;
    expect(command).toBe(scripts[script]);
  });

  it.each(SERVERS)('%s may write in its folder alone, as nobody special, and has time to stop', (name) => {
    const unit = read(`deploy/systemd/${name}`);
    for (const line of [
      'User=plaza',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
    ])
      expect(unit.split('\n')).toContain(line);
    expect(unit).not.toContain('ReadWritePaths');
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1])).toBeGreaterThanOrEqual(30);
  });
});

describe('a worker apart', () => {
  it('may have another METRICS_PORT than the server beside it', () => {
    const files = [...read('deploy/systemd/plaza-worker.service').matchAll(/^EnvironmentFile=-(.+)$/gm)];
    expect(files.map(([, path]) => path)).toEqual(['/etc/plaza/plaza.env', '/etc/plaza/worker.env']);
    expect(read('deploy/systemd/plaza.service')).not.toContain('worker.env');
  });
});

describe('sudo plaza', () => {
  /** What the wrapper runs instead of bin/plaza says where it is, who it is, and what it was given. */
  const TOLD = '#!/bin/sh\npwd; id -un; umask; printf "<%s>" "$@"; echo; env\n';
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? 'nobody' : userInfo().username;

  function run(settings: string, ...args: string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'plaza-wrapper-'));
    try {
      chmodSync(folder, 0o755);
      mkdirSync(join(folder, 'bin'), { mode: 0o755 });
      writeFileSync(join(folder, 'bin', 'plaza'), TOLD);
      chmodSync(join(folder, 'bin', 'plaza'), 0o755);
      writeFileSync(join(folder, 'plaza.env'), settings, { mode: 0o600 });
      const wrapper = read('deploy/plaza.sh')
        .replaceAll('/etc/plaza/plaza.env', join(folder, 'plaza.env'))
        .replace(/^root=.*$/m, `root=${folder}`)
        .replace(/^account=.*$/m, `account=${account}`);
      const env = { PATH: process.env.PATH, DATABASE_URL: 'postgres://of-the-caller' };
      const told = execFileSync('/bin/sh', ['-c', wrapper, 'plaza', ...args], { encoding: 'utf8', env });
      return told.replaceAll(folder, '/opt/plaza').split('\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('runs the command as the account of the service, with the settings of the service', () => {
    const settings = [
      '# PORT=1',
      'PUBLIC_URL=https://chat.example.org/?a&b',
      '  DATABASE_URL="postgres://plaza@localhost/plaza"  ',
      "REDIS_PASSWORD='a $HOME `id` \"b'",
      'not a setting',
      'LOG_LEVEL=warn',
    ].join('\n');
    const [folder, who, mask, args, ...env] = run(settings, 'room', 'create', 'fish', '--name', 'Big Fish');
    expect([folder, who, mask]).toEqual(['/opt/plaza', account, '0077']);
    expect(args).toBe('<room><create><fish><--name><Big Fish>');
    expect(env).toEqual(
      expect.arrayContaining([
        'DATA_DIR=/var/lib/plaza',
        'PUBLIC_URL=https://chat.example.org/?a&b',
        'DATABASE_URL=postgres://plaza@localhost/plaza',
        'REDIS_PASSWORD=a $HOME `id` "b',
        'LOG_LEVEL=warn',
      ]),
    );
    expect(env.join()).not.toMatch(/PORT=|of-the-caller/);
  });

  it('works in the folder and on the files that the units name', () => {
    const wrapper = read('deploy/plaza.sh');
    const unit = read('deploy/systemd/plaza.service');
    const [, root] = /^root=(.+)$/m.exec(wrapper)!;
    expect(unit).toContain(`\nWorkingDirectory=${root}\n`);
    for (const text of ['NODE_ENV=production DATA_DIR=/var/lib/plaza', '/etc/plaza/plaza.env'])
      expect([text, wrapper.includes(text), unit.includes(text)]).toEqual([text, true, true]);
  });
});

describe('the pages', () => {
  it('are those that an operator looks for', () => {
    const wanted = [
      'single-machine',
      'containers',
      'kubernetes',
      'proxies',
      'sizing',
      'upgrade',
      'key',
      'troubleshooting',
    ];
    expect(PAGES).toEqual(expect.arrayContaining(wanted.map((name) => `${name}.md`)));
  });

  it.each(PAGES)('%s leads nowhere that is not there, and names files that are', (name) => {
    const text = read(`docs/${name}`);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => join('docs', path!));
    const files = [...text.matchAll(/\b(?:k8s|deploy|docs|bench)\/[\w./-]*\w\.\w+/g)].map(([path]) => path);
    const missing = [...links, ...files].filter((path) => !existsSync(join(PROJECT, path)));
    expect(missing).toEqual([]);
    expect(dirname(name)).toBe('.');
  });
});
