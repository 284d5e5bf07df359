import { execFile } from 'node:child_process';
import { chown, mkdir } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { databaseAccount, type DatabaseAccount } from '../../libs/storage/database-account.js';

const run = promisify(execFile);
/** Where Debian and its children put every version that is installed. */
const INSTALLED = '/usr/lib/postgresql';

/** Major versions on this machine. */
export const installedVersions = (): string[] =>
  existsSync(INSTALLED)
    ? readdirSync(INSTALLED).filter((name) => existsSync(join(INSTALLED, name, 'bin', 'initdb')))
    : [];

/** A PostgreSQL of the machine's own, as an operator would bring it, on a socket in `folder`. */
export class InstalledPostgres {
  private constructor(
    private readonly bin: string,
    private readonly folder: string,
    private readonly account: DatabaseAccount | undefined,
  ) {}

  static async start(version: string, folder: string): Promise<InstalledPostgres> {
    const account = await databaseAccount();
    const own = join(folder, `postgresql-${version}`);
    await mkdir(own, { mode: 0o700 });
    if (account) await chown(own, account.uid, account.gid);
    const postgres = new InstalledPostgres(join(INSTALLED, version, 'bin'), own, account);
    await postgres.run(
      'initdb',
      '-D',
      join(own, 'data'),
      '-U',
      'plaza',
      '--auth=trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    );
    const options = `-c listen_addresses='' -c unix_socket_directories='${own}' -c fsync=off`;
    const log = join(own, 'log');
    await postgres.run('pg_ctl', 'start', '-D', join(own, 'data'), '-w', '-l', log, '-o', options);
    return postgres;
  }

  get url(): string {
    return `postgresql://plaza@localhost/postgres?host=${encodeURIComponent(this.folder)}`;
  }

  async stop(): Promise<void> {
    await this.run('pg_ctl', 'stop', '-D', join(this.folder, 'data'), '-m', 'immediate', '-w');
  }

  private async run(program: string, ...args: string[]): Promise<void> {
    await run(join(this.bin, program), args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, ...this.account });
  }
}
