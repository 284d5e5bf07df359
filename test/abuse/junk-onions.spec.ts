import { AttackScene, underAttack, type Attacking } from '../support/attack-scene.js';
import { endEverything } from '../support/kept-processes.js';
import { newAccount, onionCall } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(600_000);

let server: PlazaProcess;
let scene: AttackScene;
beforeAll(async () => {
  server = await startPlaza({ env: { LOG_LEVEL: 'warn' } });
  scene = new AttackScene(server);
});
afterAll(() => server?.stop());
afterAll(endEverything);

const ESCAPED = '/%6Fxen/v4/lsrpc';
const ABSOLUTE = 'http://x/oxen/v4/lsrpc';

const JUNK = { workload: 'idle', statuses: ['400', '503'], sentMin: 500 } as const;

const ATTACKS: [string, Attacking][] = [
  ['over 256 connections', { ...JUNK, args: ['--mode', 'keep', '--connections', '256'] }],
  ['over a new connection each', { ...JUNK, args: ['--mode', 'new', '--connections', '128'] }],
  [
    'of version 3, without waiting for answers',
    { ...JUNK, workload: 'recent', args: ['--mode', 'fire', '--target', '/oxen/v3/lsrpc'] },
  ],
  ['of 1 MiB each', { ...JUNK, args: ['--bytes', '1048576', '--connections', '64'], sentMin: 50 }],
  ['that is no envelope', { ...JUNK, workload: 'recent', args: ['--garbage', '--connections', '64'] }],
  ['without end over each connection', { ...JUNK, args: ['--mode', 'pipe', '--connections', '64'] }],
  [
    'to the escaped path, without end over each connection',
    { ...JUNK, args: ['--mode', 'pipe', '--connections', '64', '--target', ESCAPED] },
  ],
  [
    'to the path in absolute form, without end over each connection',
    { ...JUNK, args: ['--mode', 'pipe', '--connections', '64', '--target', ABSOLUTE] },
  ],
];

const PLAIN = { workload: 'idle', args: ['--plain', '--mode', 'pipe', '--connections', '64'] } as const;

const PLAIN_ATTACKS: [string, Attacking][] = [
  [
    '/nothing',
    { ...PLAIN, args: [...PLAIN.args, '--target', '/nothing'], statuses: ['404'], sentMin: 5_000 },
  ],
  [
    '/health/ready',
    { ...PLAIN, args: [...PLAIN.args, '--target', '/health/ready'], statuses: ['200'], sentMin: 5_000 },
  ],
];

describe('while junk onions arrive as fast as this machine can send them', () => {
  it.each(ATTACKS)('%s: signed requests keep their throughput, and fail only with 503', (_, attacking) =>
    scene.holdsOut(attacking),
  );
});

describe('while plain requests arrive without end over each connection', () => {
  it.each(PLAIN_ATTACKS)('to %s: signed requests keep their throughput', (_, attacking) =>
    scene.holdsOut(attacking),
  );
});

describe('who waits for answers', () => {
  it('sends no more junk than the limit allows, while honest onions over new connections pass', async () => {
    await sessionClientReady();
    const slow = await startPlaza({ env: { ONION_FAILURES_PER_SECOND_MAX: '100', LOG_LEVEL: 'warn' } });
    const begun = Date.now();
    const { result, attack } = await underAttack(slow, ['--connections', '64'], async () => {
      const statuses: number[] = [];
      for (let at = 0; at < 40; at++)
        statuses.push((await onionCall(slow, newAccount(slow), 'GET', '/capabilities')).status);
      return statuses;
    });
    const seconds = (Date.now() - begun) / 1000;
    expect(result).toEqual(result.map(() => 200));
    expect(attack.statuses['400']).toBeLessThan(100 * (seconds + 2) + 64);
    await slow.stop();
  });
});
