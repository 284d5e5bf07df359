// Loaded into a server before its own code (NODE_OPTIONS): on SIGUSR2 it lets go of what nobody needs and says what is left.
const { writeSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  gc();
  setImmediate(() => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    writeSync(2, `memory in use: ${heapUsed + external}\n`);
  });
});
