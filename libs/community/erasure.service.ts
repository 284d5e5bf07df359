import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import {
  ErasureRepository,
  type ErasableTable,
  type Patience,
  type Rewriting,
} from '../storage/erasure.repository.js';

const HOUR_SECONDS = 3600;
/** Once a day, although the hour may be met a little early or late. */
const PAUSE_SECONDS = 20 * HOUR_SECONDS;
/** Where nobody works in the quiet hour, any other will do. */
const PAUSE_SECONDS_MAX = 72 * HOUR_SECONDS;
const LOOK_BACK_SECONDS = 7 * 24 * HOUR_SECONDS;
/** Requests give a lock ten seconds; somebody who waits behind us should not notice more than a slow moment. */
const BESIDE_MEMBERS: Patience = { lockMs: 500, allMs: 5_000 };
const OPERATOR: Patience = { lockMs: 30_000, allMs: 0 };

export interface ErasureReport {
  /** Names of tables that were written anew. */
  rewritten: string[];
  /** In use, or still seen by somebody: next time. */
  busy: string[];
  /** Beyond ERASE_TABLE_BYTES_MAX, or what this machine does in a few seconds: only `plaza erase` writes them anew. */
  tooLarge: string[];
}

const LISTS: Readonly<Record<Rewriting, keyof ErasureReport>> = {
  done: 'rewritten',
  busy: 'busy',
  slow: 'tooLarge',
};

/**
 * Sees to it that nothing deleted stays in the files of the database (PRIVACY.md): a row that is deleted leaves its
 * bytes behind until others take the place.
 */
@Injectable()
export class ErasureService {
  private readonly log = new Logger('erasure');

  constructor(
    private readonly erasure: ErasureRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** The worker's nightly run: in the hour in which least happens, tables that are small enough. Undefined: not now. */
  async runWhenDue(signal: AbortSignal): Promise<ErasureReport | undefined> {
    const bytesMax = this.config.eraseTableBytesMax;
    if (bytesMax === 0 || !(await this.isDue())) return undefined;
    const report: ErasureReport = { rewritten: [], busy: [], tooLarge: [] };
    for (const table of await this.changedTables()) {
      if (signal.aborted) break;
      const outcome = table.bytes > bytesMax ? 'slow' : await this.rewrite(table, BESIDE_MEMBERS);
      report[LISTS[outcome]].push(table.name);
      if (outcome === 'slow') await this.erasure.vacuum(table.name);
    }
    await this.erasure.rewriteSamples(BESIDE_MEMBERS);
    if (report.rewritten.length > 0) await this.erasure.dropLog();
    if (report.tooLarge.length > 0)
      this.log.warn(
        `too large to be written anew while members are here: ${report.tooLarge.join(', ')}. Run plaza erase at a quiet time, or raise ERASE_TABLE_BYTES_MAX.`,
      );
    await this.note(this.clock.nowSeconds());
    return report;
  }

  /** Everything, whatever it takes; members wait meanwhile. `tell` is called before each table. */
  async runNow(tell: (table: ErasableTable) => void): Promise<ErasureReport & { logDropped: boolean }> {
    const report: ErasureReport = { rewritten: [], busy: [], tooLarge: [] };
    for (const table of await this.erasure.tables()) {
      tell(table);
      report[LISTS[await this.rewrite(table, OPERATOR)]].push(table.name);
    }
    await this.erasure.rewriteSamples(OPERATOR);
    await this.note(this.clock.nowSeconds());
    return { ...report, logDropped: await this.erasure.dropLog() };
  }

  private async isDue(): Promise<boolean> {
    const now = this.clock.nowSeconds();
    const last = await this.erasure.state();
    if (!last) {
      // A server that is new, or was updated in the middle of a day: from the next quiet hour on.
      await this.note(now - PAUSE_SECONDS);
      return false;
    }
    const passed = now - last.at;
    if (passed < PAUSE_SECONDS) return false;
    if (passed >= PAUSE_SECONDS_MAX) return true;
    const hour = Math.floor(now / HOUR_SECONDS) % 24;
    return hour === (await this.erasure.quietHour(now - LOOK_BACK_SECONDS));
  }

  private async changedTables(): Promise<ErasableTable[]> {
    const before = (await this.erasure.state())?.changes ?? {};
    return (await this.erasure.tables()).filter(({ name, changes }) => before[name] !== changes);
  }

  private async rewrite(table: ErasableTable, patience: Patience): Promise<Rewriting> {
    const outcome = await this.erasure.rewrite(table.name, patience);
    if (outcome === 'done') await this.note(undefined, table);
    return outcome;
  }

  private async note(at: number | undefined, table?: ErasableTable): Promise<void> {
    const state = (await this.erasure.state()) ?? { at: this.clock.nowSeconds(), changes: {} };
    const changes = { ...state.changes, ...(table && { [table.name]: table.changes }) };
    await this.erasure.save({ at: at ?? state.at, changes });
  }
}
