import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { AbuseLimits } from '../protocol/abuse-limits.js';
import type { Limits } from '../protocol/limits.js';
import { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { findContradictions } from './contradictions.js';
import type { S3Access } from './files-url.js';
import { ABUSE_LIMIT_NAMES, LIMIT_NAMES, limitEnvironmentName } from './limit-settings.js';
import { readSecretFile, secretFileName, warningAboutMode } from './secret-file.js';
import type { Setting } from './setting.js';
import { SETTINGS, type BaseValues } from './settings.js';
import { findSuspectNames } from './suspect-names.js';
import { withPassword } from './url-password.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  config: Config;
  /** Complete sentences for the operator: names that look like a mistake. */
  warnings: string[];
}

/**
 * Reads the settings from the environment and from the file `.env` in `cwd`, if there is one. A variable that
 * the environment has wins over the file, even when it is empty; an empty value means "not set".
 *
 * @throws ConfigError naming every problem at once.
 */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
}: { env?: Environment; cwd?: string } = {}): LoadedConfig {
  const problems: string[] = [];
  const file = readEnvFile(join(cwd, '.env'), problems);
  const values = new Map<string, unknown>();
  const secretFiles = new Map<string, string>();
  for (const [name, setting] of SETTINGS) {
    const found = findText({ name, setting, env, file, cwd });
    if ('problem' in found) {
      problems.push(found.problem);
      continue;
    }
    if (found.file !== undefined) secretFiles.set(found.file, name);
    const parsed = parseSetting(setting, found.text, resolve(cwd));
    if (parsed.ok) values.set(name, parsed.value);
    else problems.push(describeProblem({ name, setting, ...found }));
  }
  problems.push(...findContradictions(values));
  if (problems.length > 0) throw new ConfigError(problems);
  const exposed = [...secretFiles].flatMap(([path, name]) => warningAboutMode(path, name) ?? []);
  return { config: configOf(values), warnings: [...findSuspectNames(env, file), ...exposed] };
}

/** The values in a file of settings; none when there is no such file. */
export function readEnvFile(path: string, problems: string[]): Environment {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') problems.push(`${path} cannot be read (${code})`);
    return {};
  }
  return parseEnv(text.replace(/^\uFEFF/, ''));
}

interface FoundText {
  text: string;
  /** If not in the environment itself. */
  where?: string;
  /** That holds it, if it is a secret. */
  file?: string;
}

function findText(given: {
  name: string;
  setting: Setting<unknown>;
  env: Environment;
  file: Environment;
  cwd: string;
}): FoundText | { problem: string } {
  const { name, setting, env, file, cwd } = given;
  const valueOf = (each: string): string => (env[each] ?? file[each] ?? '').trim();
  const text = valueOf(name);
  const fileName = secretFileName(name);
  const path = setting.secret ? valueOf(fileName) : '';
  if (path === '') {
    if (env[name] !== undefined || text === '') return { text };
    return { text, where: '.env', ...(setting.secret && { file: resolve(cwd, '.env') }) };
  }
  if (text !== '') return { problem: `${name} and ${fileName} are both set, expected one of them` };
  const secret = readSecretFile(path, cwd);
  return 'problem' in secret
    ? { problem: `${fileName} ${secret.problem}` }
    : { ...secret, where: `the file of ${fileName}` };
}

function parseSetting(
  { kind, default: value }: Setting<unknown>,
  text: string,
  cwd: string,
): { ok: true; value: unknown } | { ok: false } {
  const effective = text === '' ? value : text;
  if (effective === undefined) return { ok: true, value: undefined };
  const parsed = kind.parse(effective, { cwd });
  return parsed === undefined ? { ok: false } : { ok: true, value: parsed };
}

const SHOWN_LENGTH_MAX = 100;

function describeProblem(given: {
  name: string;
  setting: Setting<unknown>;
  text: string;
  where?: string;
}): string {
  const where = given.where === undefined ? '' : ` (in ${given.where})`;
  const value = given.setting.secret
    ? '(not shown, it may hold a password)'
    : JSON.stringify(shown(given.text));
  return `${given.name}${where} is ${value}, expected ${given.setting.kind.expected}`;
}

/** Shortened, and without what looks like a password in an address. */
function shown(text: string): string {
  const safe = text.replace(/\/\/\S*@/g, '//…@').replace(/\?.*/s, '?…');
  return safe.length > SHOWN_LENGTH_MAX ? `${safe.slice(0, SHOWN_LENGTH_MAX)}…` : safe;
}

/** `values` holds a value of the right type for each setting: that is what its kind parsed. */
function configOf(values: ReadonlyMap<string, unknown>): Config {
  const of = Object.fromEntries(values) as BaseValues;
  const named = (names: readonly (keyof Limits | keyof AbuseLimits)[]): unknown =>
    Object.fromEntries(names.map((limit) => [limit, values.get(limitEnvironmentName(limit))]));
  return new Config({
    port: of.PORT,
    host: of.HOST,
    publicUrl: of.PUBLIC_URL,
    dataDir: of.DATA_DIR,
    files: of.FILES_URL ?? { kind: 'folder', path: join(of.DATA_DIR, 'files') },
    s3: s3AccessOf(of),
    databaseUrl: addressOf(of.DATABASE_URL, of.DATABASE_PASSWORD),
    databasePoolSize: of.DATABASE_POOL_SIZE,
    eraseTableBytesMax: of.ERASE_TABLE_BYTES_MAX,
    redisUrl: addressOf(of.REDIS_URL, of.REDIS_PASSWORD),
    keyFile: of.KEY_FILE ?? join(of.DATA_DIR, 'key_x25519'),
    requireBlindedIds: of.REQUIRE_BLINDED_IDS,
    logLevel: of.LOG_LEVEL,
    showIndex: of.SHOW_INDEX,
    showRecent: of.SHOW_RECENT,
    apiProcesses: of.API_PROCESSES,
    runWorker: of.RUN_WORKER,
    workerHealthPort: of.WORKER_HEALTH_PORT,
    webhookPrivateAddresses: of.WEBHOOK_PRIVATE_ADDRESSES,
    metricsPort: of.METRICS_PORT,
    metricsHost: of.METRICS_HOST,
    tracingUrl: of.TRACING_URL,
    tracingRatio: of.TRACING_RATIO,
    startWaitSeconds: of.START_WAIT,
    stopDelaySeconds: of.STOP_DELAY,
    verifyMessageSignatures: of.VERIFY_MESSAGE_SIGNATURES,
    wordListFile: of.WORD_LIST_FILE,
    limits: named(LIMIT_NAMES) as Limits,
    abuseLimits: named(ABUSE_LIMIT_NAMES) as AbuseLimits,
    lifetimes: {
      fileSeconds: of.FILE_LIFETIME,
      unattachedFileSeconds: of.UPLOAD_LIFETIME,
      editHistorySeconds: of.EDIT_HISTORY_LIFETIME,
      directMessageSeconds: of.DIRECT_MESSAGE_LIFETIME,
      activeUserSeconds: of.ACTIVE_USER_WINDOW,
      roomActivitySeconds: of.ROOM_ACTIVITY_LIFETIME,
      moderationLogSeconds: of.MODERATION_LOG_LIFETIME,
    },
    rateLimit: { posts: of.RATE_LIMIT_POSTS, windowSeconds: of.RATE_LIMIT_WINDOW },
    allowSeveralProcessesWithoutRedis: of.PLAZA_TEST_ALLOW_SEVERAL_PROCESSES,
  });
}

const addressOf = (url: string | undefined, password: string | undefined): string | undefined =>
  url === undefined || password === undefined ? url : withPassword(url, password);

/** An endpoint of one's own needs no region, and seldom has a host name per bucket. */
function s3AccessOf(of: BaseValues): S3Access {
  const endpoint = of.AWS_ENDPOINT_URL_S3 ?? of.AWS_ENDPOINT_URL;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = of;
  return {
    region: of.AWS_REGION ?? (endpoint === undefined ? undefined : 'us-east-1'),
    endpoint,
    pathStyle: of.S3_PATH_STYLE ?? endpoint !== undefined,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
        : undefined,
  };
}
