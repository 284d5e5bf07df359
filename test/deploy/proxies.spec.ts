import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import { endEverything, freshFolder, spawnKept, type KeptProcess } from '../support/kept-processes.js';
import { itUnless, type Obstacle } from '../support/not-tried.js';
import { PROJECT } from '../support/plaza-process.js';

jest.setTimeout(180_000);
afterAll(endEverything);

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const NGINX = read('deploy/nginx/plaza.conf');
const CADDY = read('deploy/caddy/Caddyfile');
/** In a path that fails, since nothing listens behind the proxy; so that it is found wherever it would be written. */
const MARK = 'whoever-asked-for-this';

const pathOf = (program: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
const missing = (...programs: string[]): Obstacle => {
  const none = programs.filter((program) => !pathOf(program));
  return none.length === 0 ? undefined : `no ${none.join(', ')}`;
};

/** Asks until there is an answer; the certificate is nobody's. */
async function ask(url: string, child: KeptProcess): Promise<number> {
  const args = ['-sk', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '10', `${url}/${MARK}`];
  for (let turn = 0; turn < 1_000 && !child.isGone(); turn++) {
    try {
      return Number(execFileSync('curl', args, { encoding: 'utf8' }));
    } catch {
      await delay(50);
    }
  }
  throw new Error(`no answer: ${child.stderr()}`);
}

/** An error before there is a request. */
const sayNonsense = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('\x16\x03\x01nonsense\r\n\r\n'));
    socket.on('data', () => undefined);
    socket.on('error', () => undefined).on('close', () => resolve());
  });

const everythingIn = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

describe('nginx and Caddy', () => {
  it('let the largest upload pass and repeat nothing', () => {
    for (const line of ['client_max_body_size 12m;', 'proxy_next_upstream off;'])
      expect(NGINX).toContain(line);
    expect(CADDY).toContain('max_size 12MB');
    expect(CADDY).not.toMatch(/^\s*(lb_retries|lb_try_duration)\b/m);
  });

  it('are told in every server to keep no addresses', () => {
    const servers = NGINX.split(/^server \{$/m).slice(1);
    expect(servers).toHaveLength(2);
    for (const server of servers)
      for (const line of ['access_log off;', 'error_log /dev/null emerg;']) expect(server).toContain(line);
    expect(CADDY).toContain('exclude http.log http.handlers');
    const values = parse(read('k8s/examples/production.yaml')) as { ingress: { annotations: object } };
    expect(values.ingress.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/enable-access-log': 'false',
    });
  });

  itUnless(
    missing('nginx', 'openssl', 'curl'),
    'nginx says nothing about visitors, whatever fails',
    async () => {
      const folder = freshFolder();
      mkdirSync(folder);
      chmodSync(folder, 0o755);
      const [secure, plain, behind] = [await freePort(), await freePort(), await freePort()];
      const certificate = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=chat.example.org'];
      const to = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
      execFileSync('openssl', ['req', ...certificate, ...to], { stdio: 'pipe' });
      const site = NGINX.replaceAll('/etc/letsencrypt/live/chat.example.org', folder)
        .replaceAll(/^ *listen \[::\].*$/gm, '')
        .replace('listen 443', `listen 127.0.0.1:${secure}`)
        .replace('listen 80', `listen 127.0.0.1:${plain}`)
        .replace('127.0.0.1:8080', `127.0.0.1:${behind}`);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; pid ${folder}/pid; error_log ${folder}/main.log info; events {}
      http { access_log ${folder}/access.log; ${temporary.join(' ')} ${site} }`,
      );
      const args = ['-e', join(folder, 'start.log'), '-p', folder, '-c', join(folder, 'nginx.conf')];
      const nginx = spawnKept(pathOf('nginx')!, args, { cwd: folder, env: {} });
      expect(await ask(`https://127.0.0.1:${secure}`, nginx)).toBe(502);
      expect(await ask(`http://127.0.0.1:${plain}`, nginx)).toBe(301);
      for (const port of [secure, plain]) await sayNonsense(port);
      process.kill(nginx.pid, 'SIGTERM');
      const { stderr } = await nginx.finished;
      expect(stderr + everythingIn(folder)).not.toMatch(new RegExp(`client: |GET |${MARK}`));
    },
  );

  itUnless(missing('caddy'), 'caddy understands its file', () => {
    const args = ['validate', '--adapter', 'caddyfile', '--config', join(PROJECT, 'deploy/caddy/Caddyfile')];
    execFileSync('caddy', args, { env: { ...process.env, PLAZA_DOMAIN: 'chat.example.org' }, stdio: 'pipe' });
  });

  itUnless(missing('caddy', 'curl'), 'caddy says nothing about visitors, whatever fails', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    const [port, behind] = [await freePort(), await freePort()];
    // The port for commands belongs to the machine's own.
    writeFileSync(join(folder, 'Caddyfile'), CADDY.replace(/^\{$/m, '{\n\tadmin off'));
    const caddy = spawnKept(pathOf('caddy')!, ['run', '--config', join(folder, 'Caddyfile')], {
      cwd: folder,
      env: {
        HOME: folder,
        PLAZA_DOMAIN: `http://127.0.0.1:${port}`,
        PLAZA_UPSTREAM: `127.0.0.1:${behind}`,
      },
    });
    expect(await ask(`http://127.0.0.1:${port}`, caddy)).toBe(502);
    await sayNonsense(port);
    process.kill(caddy.pid, 'SIGTERM');
    const { stderr, stdout } = await caddy.finished;
    expect(stderr).toContain('serving initial configuration');
    expect(stderr + stdout).not.toMatch(new RegExp(`remote_ip|remote_addr|${MARK}`));
  });
});
