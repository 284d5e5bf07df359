// npm run test:faults [-- --long] [--rounds N] [--seed N] [PATTERN]: what real programs make of kills, outages, full
// disks, jumping clocks and broken networks while clients write. docs/reliability.md has what was seen.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    /** At least fifty rounds of kills in each constellation, outages of half a minute. */
    long: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string' },
  },
  allowPositionals: true,
});
const env = {
  ...process.env,
  ...(values.long && { FAULTS_LONG: 'true' }),
  ...(values.rounds !== undefined && { FAULTS_ROUNDS: values.rounds }),
  // One for all files, each of which would choose its own.
  FAULTS_SEED: values.seed ?? process.env.FAULTS_SEED ?? String(randomInt(1, 1_000_000_000)),
};
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
// One after the other when it is long: what recovery takes is to be the faults' doing and not each other's.
const workers = values.long ? ['--runInBand'] : ['--maxWorkers=2'];
const args = [...jest, '--selectProjects', 'faults', ...workers];
if (positionals.length > 0) args.push('--', ...positionals);
const { status } = spawnSync(process.execPath, args, { cwd: PROJECT, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
