import cluster, { type Worker } from 'node:cluster';
import type { Assignment, Census, Started } from './process-messages.js';

/** A process gets this long after SIGTERM. */
const STOP_TIMEOUT_MS = 27_000;

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: string | null;
  /** 0 if it never served. */
  servedForMs: number;
}

/** A process that serves, as the primary sees it. */
export class MemberProcess {
  private readonly worker: Worker;
  private startedAtMs: number | undefined;
  /** Resolves when it serves; rejects when it ended before. */
  readonly started: Promise<Started>;
  readonly exited: Promise<Exit>;

  constructor(assignment: Assignment) {
    const worker = (this.worker = cluster.fork());
    worker.on('error', () => undefined); // a message that could not be sent: the process is gone
    this.exited = new Promise((resolve) =>
      worker.once('exit', (code: number | null, signal: string | null) =>
        resolve({ code, signal, servedForMs: performance.now() - (this.startedAtMs ?? performance.now()) }),
      ),
    );
    this.started = new Promise((resolve, reject) => {
      worker.on('message', (message: Partial<Started>) => {
        if (!isStarted(message)) return; // metrics are told over the same channel
        this.startedAtMs = performance.now();
        resolve(message);
      });
      void this.exited.then(() => reject(new Error('it ended while it started')));
    });
    this.started.catch(() => undefined); // not everybody waits for it
    this.tell(assignment);
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  get isAlive(): boolean {
    return !this.worker.isDead();
  }

  get isServing(): boolean {
    return this.startedAtMs !== undefined && this.isAlive;
  }

  tell(message: Assignment | Census): void {
    if (this.worker.isConnected()) this.worker.send(message);
  }

  /** Lets it finish what is under way; ends it if that takes too long. */
  async stop(): Promise<void> {
    this.worker.process.kill('SIGTERM');
    const late = setTimeout(() => this.worker.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(late);
  }
}

const isStarted = (message: Partial<Started>): message is Started => message.kind === 'started';
