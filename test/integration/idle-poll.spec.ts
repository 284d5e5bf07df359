import pino from 'pino';
import { startServer, type RunningServer } from '../../apps/api/src/server.js';
import { ActivityRecorder } from '../../libs/community/activity-recorder.js';
import { RoomsService } from '../../libs/community/rooms.service.js';
import { loadConfig } from '../../libs/config/load-config.js';
import { Database } from '../../libs/storage/database.js';
import { call, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { stillRecorders } from '../support/still-recorders.js';

jest.setTimeout(180_000);

let scratch: ScratchDatabase;
let folder: string;
let server: RunningServer;
let at: { base: string; publicKey: Buffer };
let readers: Account[];

beforeAll(async () => {
  await sessionClientReady();
  scratch = await scratchDatabase();
  folder = await scratchFolder();
  const env = {
    DATABASE_URL: scratch.url,
    DATA_DIR: folder,
    PORT: '0',
    HOST: '127.0.0.1',
    RUN_WORKER: 'false',
  };
  const { config } = loadConfig({ env, cwd: folder });
  const log = pino({ level: 'silent' });
  const onFatal = (reason: string): void => fail(reason);
  server = await startServer({ config, log, onFatal, isStopping: () => false });
  stillRecorders(server.app);
  at = { base: `http://127.0.0.1:${server.port}`, publicKey: server.identity.keys.publicKey };
  const rooms = server.app.get(RoomsService);
  await rooms.create(
    { userId: server.identity.userId, via: 'command-line' },
    { token: 'lobby', name: 'Lobby' },
  );
  readers = Array.from({ length: 3 }, () => newAccount(at));
  const author = newAccount(at);
  for (let count = 0; count < 3; count++) await post(at, author, 'lobby', `message ${count}`);
});
afterAll(async () => {
  await server?.close();
  await scratch?.drop();
  await removeFolder(folder);
});

/** What is sent to the database meanwhile, apart from the look for changes of others, which is there once or twice a second. */
async function statementsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const { statementCounts } = server.app.get(Database);
  const before = new Map(statementCounts);
  await work();
  const entries = [...statementCounts]
    .filter(([name]) => !name.startsWith('read-models.'))
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return Object.fromEntries(entries);
}

const batch = (reader: Account, messages: string, known: number) =>
  onionCall(at, reader, 'POST', '/batch', {
    json: [
      '/capabilities',
      `/room/lobby/pollInfo/${known}`,
      `/room/lobby/messages/${messages}reactors=5`,
      '/inbox',
      '/outbox',
    ].map((path) => ({ method: 'GET', path })),
  });

describe('the poll of a client that is up to date', () => {
  beforeAll(async () => {
    for (const reader of readers) await batch(reader, 'recent?', 0);
    await server.app.get(ActivityRecorder).flush();
  });

  it('asks the database nothing, and is answered', async () => {
    const answers: unknown[] = [];
    const statements = await statementsOf(async () => {
      for (let round = 0; round < 5; round++)
        for (const reader of readers) answers.push((await batch(reader, 'since/3?t=r&', 0)).json);
    });
    expect(statements).toEqual({});
    expect(answers).toHaveLength(15);
    for (const answer of answers)
      expect(answer).toMatchObject([
        { code: 200, body: { capabilities: ['blind', 'reactions', 'sogs'] } },
        { code: 200, body: { token: 'lobby', read: true } },
        { code: 200, body: [] },
        { code: 200, body: [] },
        { code: 200, body: [] },
      ]);
  });

  it('asks the database nothing either when it fetches recent messages, or has missed some', async () => {
    const author = newAccount(at);
    await post(at, author, 'lobby', 'news');
    await batch(readers[0]!, 'since/3?t=r&', 0);
    await server.app.get(ActivityRecorder).flush();
    const statements = await statementsOf(async () => {
      for (const reader of readers) {
        const recent = await call(at, reader, 'GET', '/room/lobby/messages/recent?reactors=5');
        expect(recent.json).toHaveLength(4);
        expect((await batch(reader, 'recent?', 0)).json[2].body).toHaveLength(4);
        expect((await batch(reader, 'since/3?t=r&', 0)).json[2].body).toHaveLength(1);
      }
    });
    expect(statements).toEqual({});
  });

  it('asks for what is new once, whoever comes first', async () => {
    const author = newAccount(at);
    await call(at, author, 'GET', '/capabilities');
    const statements = await statementsOf(async () => {
      await post(at, author, 'lobby', 'news');
      for (const reader of readers) await batch(reader, 'since/4?t=r&', 0);
    });
    // Once per author: whether they are a newcomer (NewcomersService).
    const asked = { 'standing.in-room': 1, 'messages.insert': 1, 'message-windows.changes': 1 };
    expect(statements).toEqual(asked);
  });
});
