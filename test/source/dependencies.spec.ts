import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './source-tree.js';

jest.setTimeout(60_000);

interface Lock {
  packages: Record<string, { version?: string; license?: string; integrity?: string; dev?: boolean }>;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plaza-sbom-'));
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(ROOT, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(name: 'package.json' | 'package-lock.json', how: (json: any) => void): void {
  const json: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  how(json);
  writeFileSync(join(folder, name), JSON.stringify(json));
}

/** `npm run sbom` in the folder. */
function makeBill(): {
  code: number | null;
  complaints: string[];
  components: { name: string; version: string }[];
} {
  const file = join(folder, 'bill.json');
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'sbom.mjs'), file, folder], {
    encoding: 'utf8',
  });
  const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('npm warn'));
  const components = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { components: [] }).components
    : [];
  return { code: status, complaints, components };
}

it('every package in production has an exact version, a hash and a permissive licence', () => {
  const { code, complaints, components } = makeBill();
  expect({ code, complaints }).toEqual({ code: 0, complaints: [] });
  const names = new Set(components.map(({ name }) => name));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) expect(names).toContain(name);
  expect(names).not.toContain('jest');
});

it('the bill of materials is refused with other licences, without hashes and with ranges of versions', () => {
  const at = ({ packages }: Lock, name: string) => packages[`node_modules/${name}`]!;
  change('package-lock.json', (lock: Lock & { packages: any }) => {
    at(lock, 'fastify').license = 'GPL-3.0-only';
    at(lock, 'pino').license = '(MIT AND SSPL-1.0)';
    delete at(lock, 'pg').license;
    delete at(lock, 'zod').integrity;
    lock.packages[''].devDependencies.jest = '^30.0.0';
  });
  change('package.json', (json) => (json.devDependencies.jest = '^30.0.0'));
  const { code, complaints } = makeBill();
  expect(code).toBe(1);
  expect(complaints.sort()).toEqual([
    expect.stringMatching(/^fastify@\S+ has the licence GPL-3.0-only, which/),
    'package.json names jest as ^30.0.0, which is no exact version',
    expect.stringMatching(/^pg@\S+ has the licence \?, which/),
    expect.stringMatching(/^pino@\S+ has the licence SSPL-1.0, which/),
    expect.stringMatching(/^zod@\S+ has no hash$/),
  ]);
});

it('every package in the lock file, also for development, has a hash', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const without = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && !integrity);
  expect(without.map(([path]) => path)).toEqual([]);
});
