import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findingText } from '../../../libs/community/transfer/findings.js';
import type { ImportProgress } from '../../../libs/community/transfer/import-error.js';
import { merge } from '../../../libs/community/transfer/merge.js';
import { findUnfinished, importIntoEmpty } from '../../../libs/community/transfer/sogs/import-into-empty.js';
import { readSogsIni, type SogsIni } from '../../../libs/community/transfer/sogs/ini/sogs-ini.js';
import { openSogs, type Sogs } from '../../../libs/community/transfer/sogs/open-sogs.js';
import { sogsArrivals } from '../../../libs/community/transfer/sogs/sogs-arrivals.js';
import { checkSogs, type SogsCheck } from '../../../libs/community/transfer/sogs/sogs-check.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { serverKeysOf, type ServerKeys } from '../../../libs/crypto/server-keys.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { makeDataFolder } from '../../../libs/storage/data-folder.js';
import { announceEverything } from './announce-everything.js';
import { CommandError } from './command-error.js';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { carryOver, printCarriedOver, type CarriedOver } from './sogs-ini.js';
import { readNamedFile, stoppable, withBareInstallation, type BareInstallation } from './transfer-ends.js';
import { TransferProgressLine } from './transfer-progress.js';

const KEY_BYTES = 32;
const REPORT = 'import-report.json';
const PHASES = { files: 'Copying files', rows: 'Writing', verifying: 'Reading back' } as const;

interface GivenOptions {
  database?: string;
  uploads?: string;
  key?: string;
  ini?: string;
  dryRun?: true;
  mergeInto?: true;
  allowMissingFiles?: true;
  restart?: true;
  report?: string;
  json?: true;
}

interface SogsOptions extends GivenOptions {
  database: string;
  key: string;
  settings?: SogsIni;
}

interface Source {
  sogs: Sogs;
  keys: ServerKeys;
  line: TransferProgressLine;
  signal: AbortSignal;
}

const HELP = `
It reads and checks everything before it writes anything, can be stopped (Ctrl-C) and run again, and in the end
reads back what it wrote. The source is never written to; stop its server before the import that counts.

The installation of the settings (DATA_DIR, DATABASE_URL, FILES_URL, KEY_FILE) has to be one on which no server has
started yet. With --merge-into the rooms come to those that are here, and what is said about people only if both
have the same key. docs/moving-in.md tells it step by step.

With --ini its settings come along: those of the server are added to .env, filters to the database, and what has no
counterpart here is named. It also says where database, uploads and key are. Once more for settings alone:
plaza import sogs-ini.

Examples:
  plaza import sogs --ini /srv/sogs/sogs.ini --dry-run
  plaza import sogs --database sogs.db --uploads uploads --key key_x25519 --dry-run
  plaza import sogs --database postgresql://sogs@localhost/sogs --uploads uploads --key key_x25519`;

export function importSogsCommand(): Command {
  return new Command('sogs')
    .description('take over a community from the reference server (SOGS, version 0.3)')
    .option('--ini <file>', 'its settings (sogs.ini), which also name the three below')
    .option('--database <file>', 'its SQLite file, or postgresql://…')
    .option('--uploads <folder>', 'its folder of uploaded files')
    .option('--key <file>', 'its private key (key_x25519)')
    .option('--dry-run', 'only check')
    .option('--merge-into', 'add its rooms to an installation that is in use')
    .option('--allow-missing-files', 'go on without uploads that are not there')
    .option('--restart', 'forget an import that was not finished')
    .option('--report <file>', `where to write what was done (default: DATA_DIR/${REPORT})`)
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(importSogs);
}

async function importSogs(given: GivenOptions): Promise<void> {
  const options = await withIni(given);
  const config = configOrWarn();
  const keys = await readKey(options.key);
  const { database } = options;
  const sogs = await openSogs({ database, uploads: options.uploads && resolve(options.uploads) });
  const line = new TransferProgressLine();
  try {
    await stoppable('Run the same command again to go on.', async (signal) => {
      const source = { sogs, keys, line, signal };
      const taking = (at: BareInstallation) => take(at, source, options);
      const now = systemClock.nowSeconds();
      if (options.dryRun) {
        const found = await check(source, options, now);
        return conclude(reportOf(found, source, await carried(found.tokens, options)), options);
      }
      await makeDataFolder(config.dataDir);
      const { found, outcome } = await withBareInstallation(config, taking, { mayBegin: true });
      const path = options.report ?? join(config.dataDir, REPORT);
      const report = reportOf(found, source, outcome);
      await writeReport(path, report); // whatever becomes of the settings
      const whole = { ...report, ...(await carried(found.tokens, options)) };
      if (whole.settings) await writeReport(path, whole);
      line.end();
      conclude(whole, options);
      if (!options.json) printLine(`The report is in ${path}.`);
    });
  } finally {
    line.end();
    await sogs.source.close();
  }
}

/** What is not said on the command line, as the settings have it. */
async function withIni(given: GivenOptions): Promise<SogsOptions> {
  const settings = given.ini === undefined ? undefined : await readSogsIni(given.ini);
  const { database = settings?.database, uploads = settings?.uploads, key = settings?.key } = given;
  if (database === undefined || key === undefined)
    throw new CommandError(
      'It needs --database and --key, or --ini, which says where they are. See plaza import sogs --help.',
    );
  return {
    ...given,
    database,
    key,
    ...(uploads !== undefined && { uploads }),
    ...(settings && { settings }),
  };
}

/** Settings come after rows, since rooms have some. Empty without --ini. */
async function carried(
  rooms: readonly string[],
  { settings, ini, dryRun, mergeInto }: SogsOptions,
): Promise<{ settings?: CarriedOver }> {
  if (!settings || ini === undefined) return {};
  const options = {
    iniFile: resolve(ini),
    dryRun: dryRun === true,
    ...(mergeInto && { mergedRooms: rooms }),
  };
  return { settings: await carryOver(settings, options) };
}

async function readKey(path: string): Promise<ServerKeys> {
  const key = await readNamedFile(path);
  if (key.length !== KEY_BYTES)
    throw new CommandError(
      `${path} has ${key.length} bytes: it is not the key of a server, which has ${KEY_BYTES}.`,
    );
  return serverKeysOf(selectCryptoBackend('sodium'), key);
}

async function take(
  at: BareInstallation,
  source: Source,
  options: SogsOptions,
): Promise<{ found: SogsCheck; outcome: object }> {
  const { target, blobs, config } = at;
  const publicKey = source.keys.publicKeyHex;
  const startedAt = systemClock.nowSeconds();
  const unfinished = options.mergeInto
    ? undefined
    : await findUnfinished(target, { publicKey, restart: options.restart ?? false });
  const now = unfinished?.startedAt ?? startedAt;
  const found = await check(source, options, now);
  const given = { target, blobs, signal: source.signal, onProgress: progressOn(source.line) };
  let outcome: object = { resumed: unfinished !== undefined };
  if (options.mergeInto) {
    outcome = await merge({ ...given, arrivals: sogsArrivals(source.sogs, found, publicKey) });
    await announceEverything(at);
  } else
    await importIntoEmpty({
      ...given,
      sogs: source.sogs,
      check: found,
      publicKey,
      keyFile: config.keyFile,
      privateKey: source.keys.privateKey,
      unfinished,
      now,
    });
  const seconds = Math.round((systemClock.nowSeconds() - startedAt) * 10) / 10;
  return { found, outcome: { ...outcome, seconds } };
}

const writeReport = (path: string, report: Report): Promise<void> =>
  writeFile(path, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });

async function check(
  { sogs, keys, line, signal }: Source,
  options: SogsOptions,
  now: number,
): Promise<SogsCheck> {
  let done = 0;
  const found = await checkSogs(sogs, {
    keys,
    crypto: selectCryptoBackend('sodium'),
    now,
    allowMissingFiles: options.allowMissingFiles ?? false,
    signal,
    onRows: (rows) => line.show({ what: 'Checking', done: (done += rows), unit: 'rows' }),
  });
  const { refused } = found.findings;
  if (refused.length > 0)
    throw new CommandError(
      `\nThis cannot be imported as it is; nothing was written:\n${refused.map((one) => `  ${findingText(one)}`).join('\n')}`,
    );
  return found;
}

const progressOn =
  (line: TransferProgressLine) =>
  ({ phase, done, total }: ImportProgress): void =>
    line.show({ what: PHASES[phase], done, total, unit: phase === 'files' ? 'files' : 'rows' });

interface Outcome {
  settings?: CarriedOver;
}

type Report = ReturnType<typeof reportOf>;

function reportOf(found: SogsCheck, { sogs, keys }: Source, outcome: Outcome) {
  return {
    serverKey: keys.publicKeyHex,
    rooms: found.tokens,
    rows: found.rows,
    files: found.files,
    olderSchema: sogs.lacking,
    findings: found.findings.list,
    ...outcome,
  };
}

function conclude(report: Report, { json, dryRun }: SogsOptions): void {
  if (json) return printJson(report);
  const { rooms, rows, files, findings, settings } = report;
  printLine(
    `${dryRun ? 'Would import' : 'Imported'} ${rooms.length} rooms, ${rows['users']} users, ${rows['messages']} messages and ${files.count} files.`,
  );
  for (const finding of findings) printLine(`  ${findingText(finding)}`);
  if (settings) printCarriedOver(settings, dryRun === true);
}
