import { BlindedIds } from '../../../auth/blinded-ids.js';
import type { CryptoBackend } from '../../../crypto/crypto-backend.js';
import { MultisetDigest } from '../../../crypto/multiset-digest.js';
import type { ServerKeys } from '../../../crypto/server-keys.js';
import { SogsSourceError, type SourceRow } from '../../../storage/sogs/sogs-source.js';
import { TRANSFER_TABLES, type TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import type { IdRange, RoomImage } from '../../../storage/transfer/transfer-target.js';
import { Findings } from '../findings.js';
import { TransferStoppedError } from '../table-copier.js';
import { IdSet } from '../../id-set.js';
import type { Sogs } from './open-sogs.js';
import { optionalIntegerOf, optionalTextOf } from './row-values.js';
import { isExpired } from './sogs-file-rows.js';
import { sogsRows, type RowContext } from './sogs-rows.js';
import { SOGS_RULES, type SogsRule } from './sogs-rules.js';

const STATS_AT_ONCE = 32;
const SERVER_IDS = `SELECT session_id FROM users WHERE session_id LIKE 'ff%'`;

export interface SogsCheckOptions {
  keys: ServerKeys;
  crypto: CryptoBackend;
  /** Unix seconds; what has expired by then is left out. */
  now: number;
  allowMissingFiles: boolean;
  signal?: AbortSignal | undefined;
  /** Called with how many more rows were looked at. */
  onRows?: ((rows: number) => void) | undefined;
}

/** What is in a database of the reference, and whether it can be taken. */
export interface SogsCheck {
  /** Rows that will be written, by table. */
  rows: Record<string, number>;
  /** Ids among them. */
  ranges: Record<string, IdRange>;
  files: { count: number; bytes: number };
  /** Those that will have a row. */
  presentFiles: IdSet;
  images: RoomImage[];
  tokens: string[];
  roomIds: number[];
  findings: Findings<SogsRule>;
  /** By which every row is judged again when it is written. */
  judgedBy: Pick<RowContext, 'now' | 'blindedIds' | 'lostFiles'>;
  /** The same for the same source. */
  fingerprint: string;
}

/**
 * Reads everything once and writes nothing. Rows that cannot be taken are among the findings; throws SogsSourceError
 * when the key is not the database's.
 */
export async function checkSogs(sogs: Sogs, options: SogsCheckOptions): Promise<SogsCheck> {
  await refuseOtherKey(sogs, options.keys);
  const findings = new Findings(SOGS_RULES);
  const blindedIds = new BlindedIds(options.crypto, options.keys.publicKey);
  const lostFiles = await findLostFiles(sogs, findings, options);
  const judgedBy = { now: options.now, blindedIds, lostFiles };
  const check: SogsCheck = {
    rows: {},
    ranges: {},
    files: { count: 0, bytes: 0 },
    presentFiles: new IdSet(),
    images: [],
    tokens: [],
    roomIds: [],
    findings,
    judgedBy,
    fingerprint: '',
  };
  const digest = new MultisetDigest();
  digest.add(options.keys.publicKeyHex);
  // Files first: rooms want to know whether their image is there.
  const tables = [...TRANSFER_TABLES].sort(({ name }) => (name === 'files' ? -1 : 0));
  for (const { name } of tables) {
    await checkTable(name, { sogs, check, options });
    digest.add(`${name} ${check.rows[name]} ${check.ranges[name]?.most}`);
  }
  await noteRepetitions(sogs, findings);
  for (const page of await sogs.source.all(sogs.queries.rooms))
    digest.add(JSON.stringify([page['token'], page['message_sequence'], page['info_updates']]));
  await chooseImages(sogs, check);
  return { ...check, fingerprint: digest.hex() };
}

async function refuseOtherKey({ source }: Sogs, { publicKeyHex }: ServerKeys): Promise<void> {
  const ids = (await source.all(SERVER_IDS)).map((row) => String(row['session_id']).toLowerCase());
  if (ids.length > 0 && !ids.includes(`ff${publicKeyHex}`))
    throw new SogsSourceError(
      `The key does not belong to this database: its public key is ${publicKeyHex}, the database was filled under ${ids[0]!.slice(2)}.`,
    );
}

async function checkTable(
  name: TransferTableName,
  given: { sogs: Sogs; check: SogsCheck; options: SogsCheckOptions },
): Promise<void> {
  const { sogs, check, options } = given;
  check.rows[name] = 0;
  const pages = sogsRows(name, { ...sogs, ...check.judgedBy, findings: check.findings });
  for await (const page of pages) {
    if (options.signal?.aborted) throw new TransferStoppedError('Stopped. Nothing was written.');
    check.rows[name] += page.length;
    for (const row of page) {
      const id = row['id'];
      if (typeof id === 'number') widen(check.ranges, name, id);
      if (name === 'rooms') {
        check.tokens.push(row['token'] as string);
        check.roomIds.push(id as number);
      }
      if (name !== 'files') continue;
      check.presentFiles.add(id as number);
      check.files.count++;
      check.files.bytes += row['size'] as number;
    }
    options.onRows?.(page.length);
  }
}

function widen(ranges: SogsCheck['ranges'], name: string, id: number): void {
  const range = (ranges[name] ??= { least: id, most: id });
  if (id < range.least) range.least = id;
  if (id > range.most) range.most = id;
}

async function noteRepetitions({ source, queries }: Sogs, findings: Findings<SogsRule>): Promise<void> {
  const repetitions = [
    ['repeated-number', 'messages', queries.repeatedNumbers],
    ['repeated-token', 'rooms', queries.repeatedTokens],
    ['repeated-session-id', 'users', queries.repeatedSessionIds],
  ] as const;
  for (const [rule, table, query] of repetitions)
    for await (const page of source.pages(query))
      for (const row of page) findings.note(rule, table, String(row['id']));
}

/** Files that are still served, but whose bytes are not where they should be. */
async function findLostFiles(
  { source, queries, uploads }: Sogs,
  findings: Findings<SogsRule>,
  { now, allowMissingFiles }: SogsCheckOptions,
): Promise<IdSet> {
  const lost = new IdSet();
  const look = async (row: SourceRow): Promise<void> => {
    const [id, size] = [optionalIntegerOf(row, 'id'), optionalIntegerOf(row, 'size')];
    const path = optionalTextOf(row, 'path') ?? '';
    if (id === null || size === null || row['room_gone'] || isExpired(row, now)) return;
    if (await uploads?.find(path, size)) return;
    if (allowMissingFiles) lost.add(id);
    else findings.note('file-missing', 'files', id, path);
  };
  for await (const page of source.pages(queries.files))
    for (let at = 0; at < page.length; at += STATS_AT_ONCE)
      await Promise.all(page.slice(at, at + STATS_AT_ONCE).map((row) => look(row).catch(ignoreBadValue)));
  return lost;
}

/** Such rows are noted when their table is looked at. */
function ignoreBadValue(error: Error): void {
  if (error.name !== 'BadValueError') throw error;
}

/** A room's image must be there, and be nobody else's. */
async function chooseImages({ source, queries }: Sogs, check: SogsCheck): Promise<void> {
  const taken = new IdSet();
  for (const row of await source.all(queries.rooms)) {
    const [roomId, image] = [Number(row['id']), row['image']];
    if (image === null) continue;
    const isUsable = typeof image === 'number' && check.presentFiles.has(image) && !taken.has(image);
    if (!isUsable) {
      check.findings.note('no-image', 'rooms', roomId);
      continue;
    }
    taken.add(image);
    check.images.push({ roomId, fileId: image });
  }
}
