// npm test: every test there is, and their number. Jest first (unit, integration, end to end, faults; deployment, hostile
// inputs and abuse by themselves), then the conformance scenarios, which know nothing of our code, against a server as
// an operator starts it. Ends with one line:
//   N passed, N failed[, N skipped]
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const SHARED = join(PROJECT, '..', 'shared', 'conformance', 'run.mjs');
/** The original where there is one; test/source/shared-copies.spec.ts holds the two together. */
const CONFORMANCE = existsSync(SHARED) ? SHARED : join(PROJECT, 'test', 'conformance', 'run.mjs');
/** A scenario tells itself which of them can carry it. */
const TRANSPORTS = ['direct', 'v4', 'v4-aes', 'v3'];

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const CONFORMANCE_TIMEOUT_MS = 5 * 60_000;

const totals = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end: whoever reads the log of half an hour begins there. */
const failures = [];
const LINES_OF_A_FAILURE = 12;
const folder = mkdtempSync(join(tmpdir(), 'plaza-test-'));
chmodSync(folder, 0o711); // As root, PostgreSQL's account has to get through.
/** Programs that are under way, which end with us. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    process.exitCode = 1;
  });

try {
  await build();
  // Half of the time goes into waiting for programs to start and stop.
  await runJest(['unit', 'integration', 'e2e', 'faults'], Math.max(2, availableParallelism() - 1));
  await runJest(['deploy'], 2);
  // What measures has the machine for itself, and a process that has not collected a gigabyte of other tests.
  await runJest(['fuzz'], 1);
  await runJest(['abuse'], 1);
  await runConformance();
} catch (error) {
  console.error(error);
  fail(String(error));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { passed, failed, skipped } = totals;
if (failed > 0 || passed === 0) process.exitCode = 1;
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/** The built code is what is tested end to end, so it must not be that of yesterday. */
async function build() {
  for (const script of ['compile', 'compile:console']) {
    const { code } = await start('npm', ['run', '--silent', script], { cwd: PROJECT }).ended;
    if (code !== 0) throw new Error(`The sources cannot be compiled (npm run ${script})`);
  }
}

async function runJest(projects, workers) {
  const report = join(folder, `${projects[0]}.json`);
  const jest = join(PROJECT, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--json', `--outputFile=${report}`];
  args.push('--selectProjects', ...projects, `--maxWorkers=${workers}`, '--workerIdleMemoryLimit=1GB');
  const env = { ...process.env, FUZZ_SEED: '1' };
  const { code } = await start(process.execPath, args, { cwd: PROJECT, env }).ended;
  if (!existsSync(report)) throw new Error(`Jest ended with ${code} and no report`);
  const results = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += results.numPassedTests;
  // A file that could not even be loaded is a failure beside those of its tests.
  const failedInJest = results.numFailedTests + results.numRuntimeErrorTestSuites;
  totals.failed += failedInJest;
  failures.push(...failuresIn(results));
  if (code !== 0 && failedInJest === 0) throw new Error(`Jest ended with ${code} although no test failed`);
  for (const { name, assertionResults } of results.testResults)
    for (const { status, fullName } of assertionResults)
      if (status !== 'passed' && status !== 'failed') {
        totals.skipped++;
        console.log(`skipped (${status}): ${fullName} in ${name}`);
      }
}

/** Of a report of Jest's: each test and each file that failed, with the beginning of what it said. */
function* failuresIn({ testResults }) {
  for (const { name, status, message, assertionResults } of testResults) {
    const failed = assertionResults.filter((each) => each.status === 'failed');
    const said = failed.map(({ fullName, failureMessages }) => [
      `${fullName} in ${name}`,
      ...failureMessages,
    ]);
    if (said.length === 0 && status === 'failed') said.push([name, message]);
    for (const lines of said) yield lines.join('\n').split('\n').slice(0, LINES_OF_A_FAILURE).join('\n  ');
  }
}

function fail(what) {
  totals.failed++;
  failures.push(what);
}

async function runConformance() {
  // A folder without .env, and an environment without settings of whoever runs this.
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    DATA_DIR: join(folder, 'data'),
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    CONFORMANCE_MODULES: join(PROJECT, 'package.json'),
  };
  const options = { cwd: folder, env };
  const server = start(
    process.execPath,
    [join(PROJECT, 'dist', 'apps', 'api', 'src', 'main.js')],
    options,
    'quiet',
  );
  try {
    const base = `http://127.0.0.1:${await portOf(server)}`;
    for (const transport of TRANSPORTS) await runScenarios(base, transport, options);
  } finally {
    await end(server);
  }
}

async function runScenarios(base, transport, options) {
  console.log(`\nConformance over ${transport}, ${CONFORMANCE}`);
  const args = ['--base', base, '--operator', join(PROJECT, 'bin', 'plaza'), '--transport', transport];
  const child = start(process.execPath, [CONFORMANCE, ...args], options);
  const timeout = setTimeout(() => child.process.kill('SIGKILL'), CONFORMANCE_TIMEOUT_MS);
  const { code, stdout } = await child.ended;
  clearTimeout(timeout);
  const [, good = 0, bad = 0] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  totals.passed += Number(good);
  totals.failed += Number(bad);
  if (Number(bad) > 0) failures.push(`${bad} conformance scenarios over ${transport}, see above`);
  const isWhole = code === (Number(bad) > 0 ? 1 : 0) && Number(good) + Number(bad) > 0;
  if (isWhole) return;
  fail(`The conformance run over ${transport} ended with ${code} and is not complete`);
}

/** Starts a program whose output goes on to ours, unless it is to be quiet. */
function start(file, args, options, volume = 'loud') {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const started = { process: child, stdout: '' };
  running.add(child);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    started.stdout += text;
    if (volume === 'loud') process.stdout.write(text);
  });
  child.stderr.pipe(process.stderr, { end: false });
  started.ended = new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: error.message, stdout: started.stdout }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout: started.stdout }));
  }).finally(() => running.delete(child));
  return started;
}

async function portOf(server) {
  let isGone = false;
  void server.ended.then(() => (isGone = true));
  for (const until = Date.now() + START_TIMEOUT_MS; Date.now() < until && !isGone;) {
    const port = /Plaza is running on port (\d+)[^]*Ctrl-C/.exec(server.stdout)?.[1];
    if (port) return port;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The server does not start:\n${server.stdout}`);
}

async function end(server) {
  server.process.kill('SIGTERM');
  const timeout = setTimeout(() => server.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const { code } = await server.ended;
  clearTimeout(timeout);
  if (code !== 0) throw new Error(`The server ended with ${code}`);
}
