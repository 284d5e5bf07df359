import type { Logger } from 'pino';
import { OperatorError } from '../../../../libs/protocol/operator-error.js';
import { MemberProcess } from './member-process.js';
import type { Assignment, Started } from './process-messages.js';
import { ProcessPlace } from './process-place.js';

export interface ProcessGroupOptions {
  size: number;
  database: Assignment['database'];
  log: Logger;
}

/** The processes of one server, all of them behind one port. */
export class ProcessGroup {
  private readonly places: readonly ProcessPlace[];
  private isEnding = false;
  private reloading: Promise<void> | undefined;

  constructor(private readonly options: ProcessGroupOptions) {
    const { database, log, size } = options;
    const onChange = (): void => this.tellAll();
    this.places = Array.from({ length: size }, (_, at) => {
      const launch = (): MemberProcess =>
        new MemberProcess({ kind: 'assignment', leads: at === 0, database });
      return new ProcessPlace({ launch, onChange, log });
    });
  }

  /**
   * Resolves when all of them serve, with what the leading one says. That one comes first, alone: what is wrong is
   * then said once, and what a fresh installation needs is made by one. Throws when one of them ends instead.
   */
  async start(): Promise<Started> {
    const [leading, ...others] = this.places;
    try {
      const started = await leading!.start();
      await Promise.all(others.map((place) => place.start()));
      return started;
    } catch (cause) {
      throw new OperatorError('Plaza did not start: one of its processes ended at once.', { cause });
    }
  }

  /** Replaces them one by one; gives up when a new one does not start. Once at a time. */
  reload(): Promise<void> {
    this.reloading ??= this.replaceAll().finally(() => (this.reloading = undefined));
    return this.reloading;
  }

  /** They say that they are not ready, and serve on. */
  announceEnd(): void {
    this.isEnding = true;
    this.tellAll();
  }

  async stop(): Promise<void> {
    await Promise.all(this.places.map((place) => place.stop()));
  }

  private async replaceAll(): Promise<void> {
    for (const place of this.places) {
      if (await place.replace()) continue;
      this.options.log.error('a new process did not start; the others are not replaced');
      return;
    }
    this.options.log.info('all processes were replaced');
  }

  private tellAll(): void {
    const running = this.places.filter(({ isServed }) => isServed).length;
    for (const place of this.places)
      place.tell({ kind: 'census', running, wanted: this.places.length, isEnding: this.isEnding });
  }
}
