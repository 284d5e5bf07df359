#!/usr/bin/env node
// An attacker: sends onion requests that parse but cannot be decrypted, as fast as this machine can, until it is killed
// or its time is over. Made with no knowledge of the server but its address.
//   node attack.mjs --port PORT [--mode keep|new|fire|pipe] [--connections 64] [--bytes 200] [--seconds 10]
//     [--target /oxen/v4/lsrpc]
// Modes: keep  one request after the other over each connection      new   a new connection for each request
//        fire  a new connection for each, and no waiting for answers  pipe  without end over each connection, no waiting
// --garbage: bodies that are no envelopes at all. --plain: no bodies, GET. --parts N: batches of N times the same GET.
// Says on standard error that it is under way, and ends with one line of JSON: what was sent and answered, and its own CPU.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { parseArgs } from 'node:util';

const { values: opt } = parseArgs({
  options: {
    port: { type: 'string' },
    mode: { type: 'string', default: 'keep' },
    connections: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    target: { type: 'string', default: '/oxen/v4/lsrpc' },
    garbage: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
    parts: { type: 'string' },
  },
});
const size = Number(opt.bytes),
  until = Date.now() + Number(opt.seconds) * 1000;

function junk() {
  if (opt.plain) return Buffer.from(`GET ${opt.target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  if (opt.parts) {
    const part = { method: 'GET', path: opt.target };
    return message(
      '/batch',
      'application/json',
      Buffer.from(JSON.stringify(Array(Number(opt.parts)).fill(part))),
    );
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size);
  const control = JSON.stringify({ ephemeral_key: randomBytes(32).toString('hex') });
  const body = opt.garbage
    ? randomBytes(size)
    : Buffer.concat([length, randomBytes(size), Buffer.from(control)]);
  return message(opt.target, 'application/octet-stream', body);
}
function message(target, type, body) {
  const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
const requests = Array.from({ length: size > 100_000 ? 8 : 256 }, junk);
const seen = { sent: 0, connections: 0, errors: 0, statuses: {} };

function open() {
  if (Date.now() > until) return;
  const socket = net.connect({ port: Number(opt.port), host: '127.0.0.1', noDelay: true });
  const send = () => socket.write(requests[seen.sent++ % requests.length]);
  const pump = () => {
    if (Date.now() > until) return void socket.destroy();
    for (let at = 0; at < 20; at++) if (!send()) return void socket.once('drain', pump);
    setImmediate(pump);
  };
  socket.on('connect', () => {
    if (++seen.connections === 1) process.stderr.write('under way\n');
    if (opt.mode === 'pipe') return pump();
    send();
    if (opt.mode === 'fire') setImmediate(() => socket.destroy());
  });
  socket.on('error', () => seen.errors++);
  socket.on('close', () => setImmediate(open));
  socket.on('data', (bytes) => {
    for (const [, status] of bytes.latin1Slice().matchAll(/HTTP\/1\.1 (\d+)/g)) {
      seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
      if (opt.mode === 'new' || Date.now() > until) return void socket.destroy();
      if (opt.mode === 'keep') send();
    }
  });
}

function tell() {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ...seen, cpuSeconds: (user + system) / 1e6 }));
  process.exit();
}
for (let at = 0; at < Number(opt.connections); at++) open();
setTimeout(tell, Number(opt.seconds) * 1000 + 300);
process.on('SIGTERM', tell);
