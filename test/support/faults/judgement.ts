import { heldUpMs, overload } from './busy-machine.js';
import { tell } from './fault-run.js';
import type { FaultStack } from './embedded-stack.js';
import { RECOVERY_MS } from './load.js';

interface Recovery {
  ms: number;
  /** Of these in which nothing could be seen. */
  heldUpMs: number;
  overload: number;
}

/** What was seen of each kind of fault. */
export class Recoveries {
  private readonly seen = new Map<string, Recovery[]>();

  add(fault: string, ms: number): void {
    const sinceMs = performance.now() - ms;
    const seen = { ms, heldUpMs: heldUpMs(sinceMs), overload: overload(sinceMs) };
    this.seen.set(fault, [...(this.seen.get(fault) ?? []), seen]);
  }

  /** Those that took longer than promised; on a busy machine, than it excuses. */
  get late(): string[] {
    return [...this.seen].flatMap(([fault, all]) =>
      all
        .filter((one) => one.ms - one.heldUpMs > RECOVERY_MS * one.overload)
        .map(
          (one) =>
            `${fault}: ${one.ms} ms, overload ${one.overload.toFixed(1)}, held up ${Math.round(one.heldUpMs)} ms`,
        ),
    );
  }

  tell(where: string): void {
    for (const [fault, all] of this.seen) {
      const sorted = all.map(({ ms }) => ms).sort((a, b) => a - b);
      const median = sorted[Math.floor((sorted.length - 1) / 2)];
      const beyond = sorted.filter((ms) => ms > RECOVERY_MS).length;
      const busy = Math.max(...all.map((one) => one.overload));
      tell(
        `${where}: ${fault}, ${all.length} rounds, recovered after ${median} ms (median), ${sorted.at(-1)} ms (longest), ${beyond} beyond ${RECOVERY_MS / 1000} s, overload up to ${busy.toFixed(1)}`,
      );
    }
  }
}

const LOG_LINES_SHOWN = 30;

/** Pauses the load and holds everything against the ledger. With complaints, the server's log is told too. */
export async function complaintsOf(stack: FaultStack): Promise<string[]> {
  await stack.load.pause();
  const complaints = await stack.load.check(stack.databaseUrl);
  if (complaints.length > 0) tellLog(stack);
  return complaints;
}

/** What the server said last, without repetitions. */
export function tellLog({ server }: FaultStack): void {
  const messages = server
    .stderr()
    .split('\n')
    .map((line) => /"msg":.*/.exec(line)?.[0] ?? line);
  for (const line of [...new Set(messages)].slice(-LOG_LINES_SHOWN)) tell(`the server's log: ${line}`);
}
