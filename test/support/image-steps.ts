import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DockerfileParser, type Copy, type From, type Instruction } from 'dockerfile-ast';
import { PROJECT } from './plaza-process.js';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 5 * 60_000;

export const DOCKERFILE = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');

export interface Stage {
  from: From;
  name: string;
  steps: Instruction[];
}

/** The stages of our Dockerfile; the last one is the image. */
export function stages(): Stage[] {
  const found: Stage[] = [];
  for (const step of DockerfileParser.parse(DOCKERFILE).getInstructions()) {
    if (step.getKeyword() === 'FROM') {
      const from = step as From;
      found.push({ from, name: from.getBuildStage() ?? 'image', steps: [] });
    } else found.at(-1)?.steps.push(step);
  }
  return found;
}

/** What a build sends to the engine: tracked files that .dockerignore lets through, as in a clean clone. */
export function copyContext(to: string): void {
  const rules = readFileSync(join(PROJECT, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const allowed = new Set(rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1)));
  const refused = rules
    .filter((rule) => rule.startsWith('**/'))
    .map((rule) => new RegExp(`(^|/)${rule.slice(3).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`));
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  for (const path of tracked.split('\0')) {
    if (!allowed.has(path.split('/')[0]!) || refused.some((rule) => rule.test(path))) continue;
    if (existsSync(join(PROJECT, path))) cpSync(join(PROJECT, path), join(to, path));
  }
}

/**
 * Does what a stage does to its working folder: `COPY` always, `RUN` unless it is about the rest of the system (with
 * absolute paths), which only an engine can try.
 */
export async function carryOut(
  stage: Stage,
  at: { folder: string; context: string; others: string },
): Promise<void> {
  mkdirSync(at.folder, { recursive: true });
  for (const step of stage.steps) {
    const text = step.getRawArgumentsContent() ?? '';
    if (step.getKeyword() === 'COPY') copy(step as Copy, at);
    if (step.getKeyword() === 'RUN' && !/(^|\s)\//.test(text)) await runStep(text, at.folder);
  }
}

/** The one step that is not carried out: what is needed to compile is installed here already. */
export const SKIPPED_STEP = 'npm ci --ignore-scripts --no-audit --no-fund';

/** What is needed to run is fetched as an engine would. */
async function runStep(text: string, folder: string): Promise<void> {
  if (text === SKIPPED_STEP) return symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  await run('/bin/sh', ['-c', text], {
    cwd: folder,
    timeout: STEP_TIMEOUT_MS,
    env: { ...process.env, NODE_ENV: '', npm_config_prefer_offline: 'true' },
    maxBuffer: 16 * 1024 * 1024,
  });
}

function copy(
  step: Copy,
  { folder, context, others }: { folder: string; context: string; others: string },
): void {
  const from = step.getFromFlag()?.getValue();
  const source = from === undefined || from === null ? context : join(others, from);
  const paths = step.getArguments().map((argument) => argument.getValue());
  const target = resolve(folder, paths.pop()!);
  for (const path of paths) {
    const origin = join(source, path.replace(/^\/app\//, ''));
    const isInto = paths.length > 1 || !statSync(origin).isDirectory();
    const place = isInto ? join(target, basename(path)) : target;
    mkdirSync(dirname(place), { recursive: true });
    cpSync(origin, place, { recursive: true, verbatimSymlinks: true });
  }
}
