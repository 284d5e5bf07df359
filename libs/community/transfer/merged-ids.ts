import type { Numbered, IdMapping, TransferRow } from '../../storage/transfer/transfer-tables.js';
import type { IdRange, TransferTarget } from '../../storage/transfer/transfer-target.js';
import { ImportError } from './import-error.js';

const LOOK_UP_AT_ONCE = 1000;

/** Ids as they become when rows come to others: kept where none of them is taken, else all moved by the same number. */
export class MergedIds {
  /** Users who are known here already, by their id at the source. */
  private readonly known = new Map<number, number>();

  private constructor(
    private readonly offsets: Readonly<Record<Numbered, number>>,
    private readonly ranges: Readonly<Record<string, IdRange>>,
  ) {}

  /** `ranges`: of the ids at the source. `users`: all of them. */
  static async plan(
    target: TransferTarget,
    { ranges, users }: { ranges: Readonly<Record<string, IdRange>>; users: AsyncIterable<TransferRow[]> },
  ): Promise<MergedIds> {
    const offsets = await target.reserveIds(ranges);
    const ids = new MergedIds(offsets, ranges);
    for await (const page of users)
      for (let at = 0; at < page.length; at += LOOK_UP_AT_ONCE)
        await ids.lookUp(target, page.slice(at, at + LOOK_UP_AT_ONCE));
    return ids;
  }

  isKnown(userId: number): boolean {
    return this.known.has(userId);
  }

  /** Throws for an id that is not among the source's own: here it might be somebody else's. */
  readonly map: IdMapping = (of, id) => {
    const range = this.ranges[of];
    if (!range || id < range.least || id > range.most)
      throw new ImportError(
        `A row names ${of} ${id}, which is not among what is imported. Nothing was changed.`,
      );
    return (of === 'users' ? this.known.get(id) : undefined) ?? id + this.offsets[of];
  };

  /** For reports: by how much the ids of a table were moved, where they were. */
  get moved(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.offsets).filter(([, offset]) => offset > 0));
  }

  private async lookUp(target: TransferTarget, page: readonly TransferRow[]): Promise<void> {
    const found = await target.usersAmong(page.map((row) => row['session_id'] as string));
    for (const row of page) {
      const here = found.get(row['session_id'] as string);
      if (here !== undefined) this.known.set(row['id'] as number, here);
    }
  }
}
