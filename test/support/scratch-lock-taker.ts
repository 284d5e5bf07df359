import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Another process that takes locks of data folders, and holds them until it ends. */
export class LockTaker {
  private readonly answers: AsyncIterator<string>;

  private constructor(readonly child: ChildProcess) {
    this.answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(): Promise<LockTaker> {
    const program = join(__dirname, 'scratch-take-locks.cjs');
    const taker = new LockTaker(spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] }));
    await taker.answer();
    return taker;
  }

  /** `taken`, or the name of the error. */
  async take(dataDir: string): Promise<string> {
    this.child.stdin!.write(`${dataDir}\n`);
    return this.answer();
  }

  /** As kill -9. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error('the process that takes locks ended');
    return value as string;
  }
}
