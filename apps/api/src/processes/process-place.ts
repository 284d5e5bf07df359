import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MemberProcess } from './member-process.js';
import type { Census, Started } from './process-messages.js';

/** A process that ended by itself before it served this long makes the next pause longer. */
const STEADY_MS = 60_000;
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = 30_000;

export interface ProcessPlaceOptions {
  launch(): MemberProcess;
  /** A process began or ceased to serve here. */
  onChange(): void;
  log: Logger;
}

/** One of the places of a server's processes. When its process dies, another one takes over. */
export class ProcessPlace {
  private current: MemberProcess | undefined;
  private successor: MemberProcess | undefined;
  /** Processes in a row that ended too early. */
  private failures = 0;
  private isStopping = false;
  /** What is done to this place is done one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ProcessPlaceOptions) {}

  get isServed(): boolean {
    return this.current?.isServing ?? false;
  }

  /** The first process. Rejects when it ends instead of serving. */
  async start(): Promise<Started> {
    this.current = this.options.launch();
    const started = await this.current.started;
    this.tookOver(this.current);
    return started;
  }

  /** A new process, which serves before its predecessor stops. False when it did not start; then all stays as it was. */
  replace(): Promise<boolean> {
    return this.inTurn(async () => {
      if (this.isStopping) return false;
      const predecessor = this.current;
      const successor = (this.successor = this.options.launch());
      const isServing = await successor.started.then(
        () => true,
        () => false,
      );
      this.successor = undefined;
      if (!isServing) return false;
      this.current = successor;
      this.tookOver(successor);
      await predecessor?.stop();
      return true;
    });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.current?.stop(), this.successor?.stop()]);
  }

  tell(census: Census): void {
    this.current?.tell(census);
  }

  private tookOver(process: MemberProcess): void {
    this.options.onChange();
    void process.exited.then(({ code, signal, servedForMs }) => {
      if (this.current !== process || this.isStopping) return; // it was told to
      this.options.log.error(
        { pid: process.pid, code, signal },
        'a process ended by itself; another one takes over',
      );
      this.options.onChange();
      this.failures = servedForMs < STEADY_MS ? this.failures + 1 : 0;
      void this.inTurn(() => this.revive());
    });
  }

  private async revive(): Promise<void> {
    while (!this.isStopping && !this.current?.isAlive) {
      await delay(this.failures === 0 ? 0 : Math.min(PAUSE_MIN_MS * 2 ** (this.failures - 1), PAUSE_MAX_MS));
      if (this.isStopping) return;
      this.current = this.options.launch();
      try {
        await this.current.started;
        this.tookOver(this.current);
      } catch {
        this.failures++;
        this.options.log.error('a process ended while it started; it is tried again');
      }
    }
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
