import type { BlindedIds } from '../../../auth/blinded-ids.js';
import type { SourceRow, SogsSource } from '../../../storage/sogs/sogs-source.js';
import type { SogsQueries } from '../../../storage/sogs/sogs-queries.js';
import type { Findings } from '../findings.js';
import type { IdSet } from '../../id-set.js';
import type { TransferRow, TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import { BadValueError } from './row-values.js';
import { SOGS_FILE_ROWS } from './sogs-file-rows.js';
import { SOGS_MESSAGE_ROWS } from './sogs-message-rows.js';
import { SOGS_PEOPLE_ROWS } from './sogs-people-rows.js';
import type { SogsRule } from './sogs-rules.js';

/** What rows are judged by. */
export interface RowContext {
  /** Unix seconds. */
  now: number;
  blindedIds: BlindedIds;
  findings: Findings<SogsRule>;
  /** Files that are left out, since their bytes are not there. */
  lostFiles: IdSet;
  /** Gives the next id to rows that have none of their own. */
  nextId(): number;
}

/** Makes a row of ours from one of the reference, or none, which it notes among the findings. */
export type RowMaker = (row: SourceRow, context: RowContext) => TransferRow | undefined;

/** How a table of ours is filled: from one query, or from several one after the other. */
export interface SogsRows {
  from: (keyof SogsQueries)[];
  make: RowMaker;
}

const MAKERS: Partial<Record<TransferTableName, SogsRows>> = {
  ...SOGS_PEOPLE_ROWS,
  ...SOGS_MESSAGE_ROWS,
  ...SOGS_FILE_ROWS,
};

/** The rows of a table of ours, in pages, in the order of its primary key. Nothing for tables that the reference lacks. */
export async function* sogsRows(
  table: TransferTableName,
  { source, queries, ...given }: Omit<RowContext, 'nextId'> & { source: SogsSource; queries: SogsQueries },
): AsyncGenerator<TransferRow[]> {
  const makers = MAKERS[table];
  if (!makers) return;
  let lastId = 0;
  const context: RowContext = { ...given, nextId: () => ++lastId };
  for (const query of makers.from)
    for await (const page of source.pages(queries[query]))
      yield page
        .map((row) => judged(makers.make, { table, row, context }))
        .filter((row) => row !== undefined);
}

function judged(
  make: RowMaker,
  { table, row, context }: { table: string; row: SourceRow; context: RowContext },
): TransferRow | undefined {
  try {
    return withoutNul(make(row, context), (id) => context.findings.note('nul-in-text', table, id));
  } catch (error) {
    if (!(error instanceof BadValueError)) throw error;
    context.findings.note('unreadable', table, String(row['id']), error.message);
    return undefined;
  }
}

function withoutNul(
  row: TransferRow | undefined,
  note: (id: number | string) => void,
): TransferRow | undefined {
  const texts = Object.entries(row ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].includes('\0'),
  );
  if (texts.length === 0) return row;
  note(typeof row!['id'] === 'number' ? row!['id'] : '?');
  return {
    ...row,
    ...Object.fromEntries(texts.map(([name, text]) => [name, text.replaceAll('\0', '\ufffd')])),
  };
}
