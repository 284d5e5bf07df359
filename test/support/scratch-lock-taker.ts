import { transformFileSync } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../libs/config/project-root.js';

const SOURCE = join(projectRoot, 'libs', 'storage', 'data-folder.ts');
const PROGRAM = `
const { DataFolderLock } = require('./data-folder.cjs');
const locks = [];
require('node:readline').createInterface({ input: process.stdin }).on('line', async (folder) => {
  try {
    locks.push(await DataFolderLock.acquire(folder));
    console.log('taken');
  } catch (error) {
    console.log(error.name);
  }
});
console.log('ready');`;

/** Another process that takes locks of data folders, and holds them until it ends. */
export class LockTaker {
  private readonly answers: AsyncIterator<string>;

  private constructor(readonly child: ChildProcess) {
    this.answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(folder: string): Promise<LockTaker> {
    const program = join(folder, 'take-locks.cjs');
    if (!existsSync(program)) {
      const { code } = transformFileSync(SOURCE, { configFile: join(projectRoot, '.swcrc'), swcrc: false });
      writeFileSync(join(folder, 'data-folder.cjs'), code);
      writeFileSync(program, PROGRAM);
    }
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
    return (await this.answers.next()).value as string;
  }
}
