// npm run bench: starts servers on scratch data, fills them, runs every workload of test/load/load.mjs, and prints tables.
//   npm run bench -- [--only embedded,scale,processes] [--runs 3] [--count 2000] [--small] [--write]
// --write puts the tables at the top of bench/RESULTS.md; --small makes the scale a hundred times smaller, to try it out.
// cost = CPU time of the whole server per request, in units of the cryptography that one onion request cannot do without.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = join(PROJECT, 'bench', 'RESULTS.md');
const SERVER = join(PROJECT, 'dist', 'apps', 'api', 'src', 'main.js');
const COMMAND = join(PROJECT, 'bin', 'plaza');
const LOAD = join(PROJECT, 'test', 'load', 'load.mjs');
const WORKLOADS = ['idle', 'poll', 'recent', 'post', 'caps'];
const TARGETS = { idle: 2.0, poll: 3.5, recent: 2.5, post: 5, caps: 0.4 };
/** As `npm start` starts it. */
const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
const START_FLAGS = scripts.start.split(' ').filter((word) => word.startsWith('--'));
const START_TIMEOUT_MS = 60_000;
const REDIS_PORT = 16_379;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'embedded,scale,processes' },
    runs: { type: 'string', default: '3' },
    count: { type: 'string', default: '2000' },
    small: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'plaza-bench-'));
chmodSync(folder, 0o711); // As root, PostgreSQL's account has to get through.
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const sections = { embedded: benchEmbedded, scale: benchScale, processes: benchProcesses };
const report = [heading()];
try {
  for (const name of options.only.split(',')) report.push(await sections[name]());
} finally {
  for (const child of children) await ended(child);
  rmSync(folder, { recursive: true, force: true });
}
const text = report.join('\n\n');
console.log(`\n${text}`);
if (options.write) {
  const [title, ...rest] = existsSync(RESULTS)
    ? readFileSync(RESULTS, 'utf8').split(/\n(?=## )/)
    : ['# Measurements\n'];
  writeFileSync(RESULTS, `${[title.trimEnd(), '', text, '', ...rest].join('\n').trimEnd()}\n`);
}

function heading() {
  const git = (...args) => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim();
  const dirty = git('status', '--porcelain') === '' ? '' : ' with changes';
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim();
  return `## ${new Date().toISOString().slice(0, 10)}, ${git('rev-parse', '--short', 'HEAD')}${dirty}\n\n${machine}, Node ${process.versions.node}. \`${command}\`: medians of ${options.runs} runs of ${options.count} requests.`;
}

/** The default of everybody who types `npm start`: one process with its own PostgreSQL. */
async function benchEmbedded() {
  const data = join(folder, 'embedded');
  const fresh = await startServer(data);
  await ended(fresh.child);
  const server = await startServer(data);
  const rows = await runAll(server, 'lobby');
  const memory = peakMemory(server.child.pid);
  await ended(server.child);
  const start = `First answer after ${seconds(fresh.startMs)} on a fresh folder, ${seconds(server.startMs)} on an existing one.`;
  return `### Embedded, one process, 1 000 messages and more\n\n${table(rows)}\n\n${start} ${memory}`;
}

/** How much of the cost comes with the number of rooms, people and messages. */
async function benchScale() {
  const shrink = options.small ? 100 : 1;
  const [rooms, users, messages] = [1_000, 100_000, 1_000_000].map((count) => count / shrink);
  const data = join(folder, 'scale');
  const begun = Date.now();
  const wish = ['--rooms', rooms, '--users', users, '--messages', messages, '--yes'].map(String);
  execFileSync(COMMAND, ['dev', 'fill', ...wish], { env: environment(data), cwd: folder, stdio: 'ignore' });
  const filled = Date.now() - begun;
  const server = await startServer(data);
  const rows = await runAll(server, 'filled-1');
  const memory = peakMemory(server.child.pid);
  await ended(server.child);
  return `### Embedded, ${rooms} rooms, ${users} users, ${messages} messages (filled in ${seconds(filled)})\n\n${table(rows)}\n\n${memory}`;
}

/** Two processes behind one port, coordinated by Redis. */
async function benchProcesses() {
  const redis = await startRedis();
  if (!redis) return '### Two processes on Redis\n\nNot measured: there is no redis-server on this machine.';
  const settings = { API_PROCESSES: '2', REDIS_URL: `redis://127.0.0.1:${REDIS_PORT}` };
  const server = await startServer(join(folder, 'processes'), settings);
  const rows = await runAll({ ...server, pids: [...server.pids, redis.pid] }, 'lobby');
  await ended(server.child);
  await ended(redis);
  return `### Two processes on Redis\n\n${table(rows)}`;
}

async function runAll(server, room) {
  await load(server, room, 'post', 1500); // What poll and recent read; also warms up.
  const rows = [];
  for (const workload of WORKLOADS) {
    const runs = [];
    for (let run = 0; run < Number(options.runs); run++)
      runs.push(await load(server, room, workload, options.count));
    const { cost } = median(runs);
    console.log(`${room} ${workload} ${runs.map((run) => run.cost).join(' ')} → ${cost}`);
    rows.push(median(runs));
  }
  return rows;
}

/** Replays one workload in a process of its own. */
async function load({ base, publicKey, pids }, room, workload, count) {
  const args = [
    '--base',
    base,
    '--pubkey',
    publicKey,
    '--room',
    room,
    '--workload',
    workload,
    '--pids',
    pids.join(','),
  ];
  const child = launch(process.execPath, [LOAD, ...args, '--count', String(count), '--json'], {
    CONFORMANCE_MODULES: join(PROJECT, 'package.json'),
  });
  const output = await outputOf(child);
  const result = JSON.parse(output.trim().split('\n').at(-1));
  if (Object.keys(result.refused).length > 0 || result.wrong > 0)
    throw new Error(`${workload}: refused ${JSON.stringify(result.refused)}, wrong ${result.wrong}`);
  return result;
}

function median(runs) {
  return runs.toSorted((a, b) => a.cost - b.cost)[runs.length >> 1];
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Of the API process alone, without its database. */
function peakMemory(pid) {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return '';
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'));
  return `The API process took ${Math.round(kib / 1024)} MiB at its peak.`;
}

function table(rows) {
  const lines = rows.map((row) => [
    row.workload,
    row.cost.toFixed(2),
    `≤ ${TARGETS[row.workload]}`,
    Math.round(row.serverMicros),
    Math.round(row.perSecond),
    row.p50ms,
    row.p99ms,
    row.memoryMiB,
  ]);
  const titles = ['workload', 'cost', 'target', 'µs of CPU', 'per second', 'p50 ms', 'p99 ms', 'MiB in all'];
  return [titles, titles.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function environment(dataDir, settings = {}) {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', ...settings };
}

async function startServer(dataDir, settings) {
  const begun = performance.now();
  const child = launch(process.execPath, [...START_FLAGS, SERVER], environment(dataDir, settings));
  let output = '';
  child.stdout.on('data', (piece) => (output += piece));
  for (const until = Date.now() + START_TIMEOUT_MS; Date.now() < until;) {
    const [, port, publicKey] =
      /Plaza is running on port (\d+)[^]*?public_key=([0-9a-f]{64})[^]*Ctrl-C/.exec(output) ?? [];
    const base = `http://127.0.0.1:${port}`;
    if (port && (await fetch(`${base}/capabilities`)).ok) {
      const startMs = performance.now() - begun;
      await ready(base);
      const postmaster = Number.parseInt(
        readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'),
        10,
      );
      return { child, base, publicKey, startMs, pids: [child.pid, postmaster] };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The server does not start:\n${output}`);
}

/** Until the worker inside has started too, which is no part of any workload. */
async function ready(base) {
  for (let look = 0; look < 100; look++) {
    const { checks } = await (await fetch(`${base}/health/ready`)).json();
    if (checks.worker === 'ok') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function startRedis() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const child = launch('redis-server', [
    '--port',
    String(REDIS_PORT),
    '--save',
    '',
    '--dir',
    folder,
    '--bind',
    '127.0.0.1',
  ]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return child;
}

function launch(file, args, env = process.env) {
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

function outputOf(child) {
  let output = '';
  child.stdout.on('data', (piece) => (output += piece));
  return new Promise((resolve) => child.once('close', () => resolve(output)));
}

async function ended(child) {
  if (!children.has(child)) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}
