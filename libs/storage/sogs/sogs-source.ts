import { OperatorError } from '../../protocol/operator-error.js';

export type SourceValue = null | number | bigint | string | boolean | Uint8Array;
export type SourceRow = Readonly<Record<string, SourceValue>>;

/** The database to import from cannot be used. The text says why. */
export class SogsSourceError extends OperatorError {
  override name = 'SogsSourceError';
}

/**
 * A database of the reference server ("SOGS"), opened for reading alone, as it is at one moment: whoever writes in it
 * meanwhile is not seen. SQLite and PostgreSQL hold the same tables; queries here keep to what both understand.
 */
export abstract class SogsSource {
  /** Names of the columns of every table. */
  abstract columns(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** In pages, so that memory stays small whatever the size. Booleans may come as 0 and 1. */
  abstract pages(query: string): AsyncIterable<SourceRow[]>;
  abstract close(): Promise<void>;

  async all(query: string): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    for await (const page of this.pages(query)) rows.push(...page);
    return rows;
  }
}

export const SOURCE_PAGE_ROWS = 1000;
