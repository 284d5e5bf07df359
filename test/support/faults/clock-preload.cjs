// Loaded before a program (NODE_OPTIONS=--require): its Date goes by the machine's clock plus the milliseconds that
// stand in the file MOVED_CLOCK names. What measures durations (performance.now, timers) stays as it is, as when
// somebody sets the clock of a machine.
const { readFileSync } = require('node:fs');

const READ_EVERY_MS = 20;
const RealDate = Date;
const realNow = Date.now.bind(Date);
const file = process.env.MOVED_CLOCK;
let offsetMs = 0;

function read() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8'));
  } catch {
    // not set yet
  }
}
read();
setInterval(read, READ_EVERY_MS).unref();

const now = () => realNow() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
});
