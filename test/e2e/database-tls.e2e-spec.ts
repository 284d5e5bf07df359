import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder, type Finished } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { plazaCommand } from '../support/plaza-process.js';

jest.setTimeout(180_000);

let postgres: EmbeddedPostgres;
let front: Server;
let folder: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = freshFolder();
  mkdirSync(folder);
  makeCertificate('server', 'localhost');
  makeCertificate('other', 'localhost');
  postgres = await startOwnPostgres();
  front = createServer((socket) => greet(socket));
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  front?.close();
  await postgres?.stop();
});
afterAll(endEverything);

const file = (name: string): string => join(folder, name);

function makeCertificate(name: string, host: string): void {
  const what = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`];
  const names = ['-addext', `subjectAltName=DNS:${host}`];
  const to = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...what, ...names, ...to], { stdio: 'pipe' });
}

/** Speaks TLS as PostgreSQL does, since ours listens on a Unix socket alone: asked for TLS first, it says S. */
function greet(socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write('S');
    const context = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.crt')) };
    const secure = new TLSSocket(socket, { isServer: true, ...context });
    const inner = createConnection(join(new URL(postgres.url).searchParams.get('host')!, '.s.PGSQL.5432'));
    sockets.add(inner);
    for (const each of [secure, inner]) each.on('error', () => socket.destroy());
    secure.pipe(inner).pipe(secure);
  });
}

function migrate(query: string, env: Record<string, string> = {}): Promise<Finished> {
  const url = new URL(postgres.url);
  url.searchParams.delete('host');
  url.port = String((front.address() as AddressInfo).port);
  url.search = query;
  return plazaCommand(
    { dataDir: freshFolder(), env: { DATABASE_URL: url.href, START_WAIT: '0s', ...env } },
    'migrate',
  );
}

describe('a PostgreSQL with a certificate of an authority of its own', () => {
  it('is believed when that authority is named, in the address or for everything that is reached', async () => {
    for (const [query, env] of [
      [`sslmode=verify-full&sslrootcert=${file('server.crt')}`, {}],
      ['sslmode=verify-full', { NODE_EXTRA_CA_CERTS: file('server.crt') }],
    ] as const) {
      const { code, stderr } = await migrate(query, env);
      expect({ query, code, stderr }).toEqual({ query, code: 0, stderr: '' });
    }
  });

  it('is refused otherwise', async () => {
    for (const env of [{}, { NODE_EXTRA_CA_CERTS: file('other.crt') }]) {
      const { code, stderr } = await migrate('sslmode=verify-full', env as Record<string, string>);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^The PostgreSQL of DATABASE_URL cannot be used: .*certificate.*\n$/);
    }
  });
});
