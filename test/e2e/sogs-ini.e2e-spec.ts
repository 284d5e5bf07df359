import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { PROJECT, runProgram, startPlaza } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';
import { copyReference } from '../support/sogs-samples.js';

jest.setTimeout(300_000);
beforeAll(() => sessionClientReady());
afterAll(endEverything);

const COMMAND = join(PROJECT, 'bin', 'plaza');
const INI = `[net]
base_url = https://chat.example.org
http_show_index = yes
omq_listen = tcp://*:22028
[files]
expiry = 30
[direct_messages]
expiry = 99999999
[messages]
profanity_filter = yes
profanity_custom = words.txt
[room:FISH]
alphabet_filters = arabic
[room:gone]
filter_mods = yes
[filter:*:*]
profile_name = Warden
reply = \\@, mind the rules of \\r
`;

/** The folder of a reference server with settings, which say where everything is. */
function sourceWithIni(): string {
  const source = freshFolder();
  copyReference(source);
  writeFileSync(join(source, 'sogs.ini'), INI);
  writeFileSync(join(source, 'words.txt'), 'darn\n');
  return join(source, 'sogs.ini');
}

/** A folder in which commands run, as an operator's, and its `.env`. */
class Desk {
  readonly cwd = freshFolder();
  readonly dataDir = freshFolder();

  constructor(private readonly extra: Record<string, string> = {}) {
    mkdirSync(this.cwd);
  }

  get envFile(): string {
    const path = join(this.cwd, '.env');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async plaza(...args: string[]): Promise<string> {
    const { cwd, dataDir, extra: env } = this;
    const done = await runProgram(COMMAND, args, { cwd, dataDir, env, timeoutMs: 60_000 });
    if (done.code !== 0) throw new Error(`${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  async filters(...where: string[]): Promise<unknown> {
    return JSON.parse(await this.plaza('filter', 'show', '--json', ...where));
  }
}

const SERVER_RULES = {
  profanity: { enabled: true, words: ['darn'] },
  replies: [{ type: '*', profileName: 'Warden', templates: ['{mention}, mind the rules of {room}'] }],
};

describe('an import that is pointed at a sogs.ini', () => {
  const desk = new Desk();
  const ini = sourceWithIni();

  it('finds all the rest there, and changes nothing when it only looks', async () => {
    const said = await desk.plaza('import', 'sogs', '--ini', ini, '--dry-run');
    expect(said).toContain('Would import 3 rooms');
    expect(said).toContain('FILE_LIFETIME=30d would be written to .env ([files] expiry)');
    expect(said).toContain('filter rules of the server would be set');
    expect([desk.envFile, existsSync(desk.dataDir)]).toEqual(['', false]);
  });

  it('carries settings and filters over, and tells what it could not', async () => {
    writeFileSync(join(desk.cwd, '.env'), 'LOG_LEVEL=error');
    const said = await desk.plaza('import', 'sogs', '--ini', ini);
    expect(said).toContain('Imported 3 rooms, 13 users, 24 messages and 2 files.');
    expect(said).toContain('[net] omq_listen not carried over: There is nothing like it here.');
    expect(said).toMatch(
      /\[direct_messages\] expiry not carried over: DIRECT_MESSAGE_LIFETIME is .*, expected /,
    );
    expect(said).toContain('filters of room gone not carried over: There is no room "gone".');
    expect(desk.envFile).toMatch(
      /^LOG_LEVEL=error\n# from \/\S+sogs\.ini, \d{4}-\d\d-\d\d\nPUBLIC_URL=https:\/\/chat\.example\.org\nFILE_LIFETIME=30d\n$/,
    );
    expect(await desk.filters()).toEqual(SERVER_RULES);
    expect(await desk.filters('--room', 'fish')).toEqual({ alphabets: { names: ['arabic'] } });
    const report = JSON.parse(readFileSync(join(desk.dataDir, 'import-report.json'), 'utf8')) as {
      settings: { filters: string[]; left: unknown[] };
    };
    expect(report.settings.filters).toEqual(['the server', 'room FISH']);
    expect(report.settings.left).toHaveLength(3);
  });

  it('leaves what is set here by now', async () => {
    const before = desk.envFile;
    const again = await desk.plaza('import', 'sogs-ini', ini);
    expect(again).not.toMatch(/written|rules here already/);
    await desk.plaza('filter', 'set', 'profanity.enabled=false');
    writeFileSync(ini, INI.replace('expiry = 30', 'expiry = 60'));
    const third = await desk.plaza('import', 'sogs-ini', ini);
    expect(third).toContain(
      '[files] expiry not carried over: FILE_LIFETIME is "30d" here already, not "60d".',
    );
    expect(third).toContain('filters of the server not carried over: There are rules here already.');
    expect(desk.envFile).toBe(before);
  });

  it('has to be told where the database is by somebody', async () => {
    await expect(desk.plaza('import', 'sogs', '--key', 'key_x25519')).rejects.toThrow(
      /It needs --database and --key, or --ini/,
    );
    await expect(desk.plaza('import', 'sogs-ini', 'none.ini')).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });
});

describe('rooms that are merged', () => {
  it('bring the filters that they were under, and no settings', async () => {
    const server = await startPlaza();
    const desk = new Desk({ DATA_DIR: server.dataDir });
    const said = await desk.plaza('import', 'sogs', '--ini', sourceWithIni(), '--merge-into');
    expect(said).toContain('[files] expiry not carried over: This installation has settings of its own');
    expect(desk.envFile).toBe('');
    expect(await desk.filters()).toEqual({});
    expect(await desk.filters('--room', 'empty')).toEqual(SERVER_RULES);
    expect(await desk.filters('--room', 'fish')).toEqual({
      ...SERVER_RULES,
      alphabets: { names: ['arabic'] },
    });
    await server.stop();
  });
});
