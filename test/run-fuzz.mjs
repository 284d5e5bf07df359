// npm run test:fuzz [-- --long] [-- --seed N]: the hostile inputs of test/fuzz, from a new seed each time, which is printed.
// npm test runs them too, from one seed that is always the same, so that it fails only for what was changed.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Some two minutes, and a quarter to half an hour. */
const [SHORT, LONG] = [1, 15];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean' }, seed: { type: 'string' } },
});
const env = {
  ...process.env,
  FUZZ_SEED: values.seed ?? process.env.FUZZ_SEED ?? String(randomInt(2 ** 31)),
  FUZZ_SCALE: process.env.FUZZ_SCALE ?? String(values.long ? LONG : SHORT),
};
console.log(`Seed ${env.FUZZ_SEED}. The same inputs again: npm run test:fuzz -- --seed ${env.FUZZ_SEED}`);
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const child = spawn(process.execPath, [...jest, '--selectProjects', 'fuzz', '--', ...positionals], {
  cwd: PROJECT,
  env,
  stdio: 'inherit',
});
child.on('close', (code, signal) => {
  console.log(`Seed ${env.FUZZ_SEED}, ended with ${code ?? signal}`);
  process.exitCode = code ?? 1;
});
