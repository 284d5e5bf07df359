import { AttackScene, type Attacking } from '../support/attack-scene.js';
import { endEverything } from '../support/kept-processes.js';
import { newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(600_000);

const MESSAGES = 300;
const TEXT = 'a message of ordinary length, as people write them all day long. '.repeat(6);

let server: PlazaProcess;
let scene: AttackScene;
let newest: number;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { LOG_LEVEL: 'warn', RATE_LIMIT_POSTS: '0' } });
  scene = new AttackScene(server);
  const author = newAccount(server);
  for (let at = 0; at < MESSAGES; at++)
    newest = ((await post(server, author, 'lobby', `${at} ${TEXT}`)).json as { id: number }).id;
});
afterAll(() => server?.stop());
afterAll(endEverything);

const pages = '/room/lobby/messages';
const ATTACK = { workload: 'idle', statuses: ['200', '503'], sentMin: 7 } as const;
const ATTACKS: [string, () => Attacking][] = [
  [
    'batches of 500 old pages over 8 connections',
    () => ({
      ...ATTACK,
      args: ['--parts', '500', '--target', `${pages}/before/${newest}`, '--connections', '8'],
    }),
  ],
  [
    'batches of 500 new pages over 64 connections',
    () => ({ ...ATTACK, args: ['--parts', '500', '--target', `${pages}/recent`, '--connections', '64'] }),
  ],
  [
    'old pages of 256 over 256 connections',
    () => ({
      ...ATTACK,
      args: ['--plain', '--target', `${pages}/before/${newest}?limit=256`, '--connections', '256'],
    }),
  ],
];

describe('while somebody whom nobody knows reads without end', () => {
  it.each(ATTACKS)('%s: signed requests keep their throughput', (_, attacking) =>
    scene.holdsOut(attacking()),
  );
});
