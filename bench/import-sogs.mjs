#!/usr/bin/env node
// How long `plaza import sogs` takes, and how much memory, with a database of the reference's schema.
//   node bench/import-sogs.mjs [--messages 1000000] [--users 20000] [--rooms 20]      (Node 24; npm run compile first)
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeLargeSogs } from '../test/support/large-sogs.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '20000' },
    rooms: { type: 'string', default: '20' },
  },
});
const [messages, users, rooms] = [values.messages, values.users, values.rooms].map(Number);
const project = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plaza-bench-'));
chmodSync(folder, 0o711);
const [database, key] = [join(folder, 'sogs.db'), join(folder, 'key_x25519')];
makeLargeSogs(database, { messages, users, rooms }, project);
writeFileSync(key, Buffer.alloc(32, 7));
mkdirSync(join(folder, 'uploads'));

const started = performance.now();
const child = spawn(
  join(project, 'bin', 'plaza'),
  ['import', 'sogs', '--database', database, '--key', key, '--uploads', join(folder, 'uploads')],
  {
    env: { PATH: process.env.PATH, HOME: folder, DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
let peakMiB = 0;
const watch = setInterval(() => {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    peakMiB = Math.max(peakMiB, Number(kib) / 1024);
  } catch {
    clearInterval(watch);
  }
}, 200);
const code = await new Promise((resolve) => child.on('close', resolve));
clearInterval(watch);
const seconds = (performance.now() - started) / 1000;
console.log(
  JSON.stringify({
    code,
    messages,
    sourceMB: Math.round(statSync(database).size / 1e6),
    seconds: +seconds.toFixed(1),
    peakMiB: Math.round(peakMiB),
  }),
);
rmSync(folder, { recursive: true, force: true });
process.exit(code);
