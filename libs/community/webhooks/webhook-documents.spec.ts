import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itUnless } from '../../../test/support/not-tried.js';
import { projectRoot } from '../../config/project-root.js';
import { selectCryptoBackend } from '../../crypto/select-backend.js';
import { WEBHOOK_EVENTS } from './webhook-events.js';
import { WebhookSecrets } from './webhook-secrets.js';

const text = readFileSync(join(projectRoot, 'docs', 'webhooks.md'), 'utf8');
const example = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(text)![1]!;

const BODY = '{"event":"ping","ü":1}';
const TIME = 1_700_000_000;
const secrets = new WebhookSecrets(selectCryptoBackend('sodium'), Buffer.alloc(32, 7));
const [salt, old] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
const secret = secrets.secretOf(salt);
const header = secrets.signatureOf([old, salt], TIME, BODY);

/** Header, body, secret and time of a call, and what the example has to make of it. */
const CALLS: readonly [header: string, body: string, secret: string, now: number, verdict: boolean][] = [
  [header, BODY, secret, TIME, true],
  [header, BODY, secret, TIME + 299, true],
  [secrets.signatureOf([salt], TIME, BODY), BODY, secret, TIME, true],
  [header, BODY, secret, TIME + 301, false],
  [header, BODY, secret, TIME - 301, false],
  [header, `${BODY} `, secret, TIME, false],
  [header, BODY, `${secret}x`, TIME, false],
  [header.replace(`t=${TIME}`, `t=${TIME + 1}`), BODY, secret, TIME, false],
  [`v1=${'0'.repeat(64)}`, BODY, secret, TIME, false],
  ['', BODY, secret, TIME, false],
  ['t=,v1=', BODY, secret, TIME, false],
];
const VERDICTS = CALLS.map((call) => call[4]);

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program of the example, which prints a verdict for each of the calls. */
function verdictsOf(program: string, fileName: string, source: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'plaza-example-'));
  try {
    writeFileSync(join(folder, 'calls.json'), JSON.stringify(CALLS));
    writeFileSync(join(folder, fileName), source);
    return JSON.parse(execFileSync(program, [fileName], { cwd: folder, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('docs/webhooks.md', () => {
  it('names every event', () => {
    for (const event of Object.keys(WEBHOOK_EVENTS)) expect(text).toContain(`\`${event}\``);
  });

  it('has an example in JavaScript that tells true signatures from others', () => {
    const source = `import { readFileSync } from 'node:fs';\n${example('js')}
      const calls = JSON.parse(readFileSync('calls.json'));
      console.log(JSON.stringify(calls.map((call) => isFromPlaza(...call))));`;
    expect(verdictsOf(process.execPath, 'example.mjs', source)).toEqual(VERDICTS);
  });

  const obstacle = hasProgram('python3') ? undefined : 'no python3 is installed';
  itUnless(obstacle, 'has an example in Python that does so too', () => {
    const source = `import json\n${example('python')}
calls = json.load(open("calls.json", encoding="utf-8"))
print(json.dumps([is_from_plaza(h, b.encode(), s, now) for h, b, s, now, _ in calls]))`;
    expect(verdictsOf('python3', 'example.py', source)).toEqual(VERDICTS);
  });

  it('has a pair to test with', () => {
    const [, time, signature] = /`t=(\d+),v1=([0-9a-f]{64})` and the body/.exec(text)!;
    const expected = selectCryptoBackend('noble').hmacSha256(
      Buffer.from('whs_test'),
      Buffer.from(`${time}.{"event":"ping"}`),
    );
    expect(signature).toBe(expected.toString('hex'));
  });
});
