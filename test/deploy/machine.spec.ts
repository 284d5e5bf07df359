import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT } from '../support/plaza-process.js';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const UNITS = readdirSync(join(PROJECT, 'deploy', 'systemd'));
const PAGES = readdirSync(join(PROJECT, 'docs')).filter((name) => name.endsWith('.md'));
const SERVERS = [
  ['plaza.service', 'start'],
  ['plaza-worker.service', 'start:worker'],
] as const;

describe('systemd units', () => {
  it('are understood by systemd', () => {
    if (!existsSync('/usr/bin/systemd-analyze')) return console.log('Not tried: no systemd-analyze');
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

describe('nginx and Caddy', () => {
  it('let the largest upload pass, repeat nothing and keep no addresses', () => {
    const nginx = read('deploy/nginx/plaza.conf');
    for (const line of ['client_max_body_size 12m;', 'proxy_next_upstream off;', 'access_log off;'])
      expect(nginx).toContain(line);
    const caddy = read('deploy/caddy/Caddyfile');
    expect(caddy).toContain('max_size 12MB');
    expect(caddy).not.toMatch(/^\s*(log|lb_retries|lb_try_duration)\b/m);
  });

  it.each([
    ['caddy', ['validate', '--adapter', 'caddyfile', '--config', join(PROJECT, 'deploy/caddy/Caddyfile')]],
  ])('%s understands its file', (program, args) => {
    try {
      execFileSync(program, ['version'], { stdio: 'pipe' });
    } catch {
      return console.log(`Not tried: no ${program} (apt-get install ${program})`);
    }
    execFileSync(program, args, { env: { ...process.env, PLAZA_DOMAIN: 'chat.example.org' }, stdio: 'pipe' });
  });
});
