import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { FUZZ_SCALE, FUZZ_SEED } from './fuzz-run.js';
import { TARGETS } from './guided-targets.js';

/** A search that looks at which code its inputs run (see docs/reliability.md for why it is our own). */

jest.setTimeout(180_000 * FUZZ_SCALE);

const PLANTED = 'a planted bug';
const SEARCH = join(__dirname, 'search-guided.cjs');

function search(
  target: string,
  milliseconds: number,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const args = [SEARCH, target, String(FUZZ_SEED), String(milliseconds)];
  return new Promise((resolve) =>
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

it('finds a bug behind four conditions, one after the other', async () => {
  const { code, stderr } = await search(PLANTED, 60_000);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('the planted bug') });
});

it.each(Object.keys(TARGETS).filter((name) => name !== PLANTED))('finds nothing in %s', async (name) => {
  const { code, stdout, stderr } = await search(name, 3_000 * FUZZ_SCALE);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { inputs, covered, kept } = JSON.parse(stdout) as Record<string, number>;
  console.log(
    `${name}: ${inputs} inputs, ${kept} of them reached something new, ${covered} characters of code ran`,
  );
  // Otherwise it saw no code.
  expect(kept).toBeGreaterThan(2);
  expect(covered).toBeGreaterThan(200);
});
