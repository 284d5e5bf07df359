import { Session, type Profiler } from 'node:inspector';

/**
 * Which code ran, as V8 counts it (node:inspector, "precise coverage"). Scripts have to be loaded after it was started:
 * what is compiled before does not count its blocks.
 */
export class CodeCoverage {
  private readonly session = new Session();
  /** By script and function: which characters of it ran, ever. */
  private readonly known = new Map<string, Uint8Array>();
  /** Characters of code that ran so far. */
  covered = 0;

  /** `isWatched`: by the path of the script. */
  constructor(private readonly isWatched: (path: string) => boolean) {}

  start(): void {
    this.session.connect();
    this.ask('Profiler.enable');
    this.ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether code ran since the last look that had not run before; it is known from then on, unless it is only `asked`. */
  look(purpose: 'asked' | 'remembered'): boolean {
    const { result } = this.ask('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType;
    let isNew = false;
    for (const { url, scriptId, functions } of result)
      if (this.isWatched(url))
        for (const { ranges } of functions) {
          const found = this.compare(
            `${scriptId}:${ranges[0]!.startOffset}`,
            ranges,
            purpose === 'remembered',
          );
          isNew ||= found;
        }
    return isNew;
  }

  stop(): void {
    this.ask('Profiler.stopPreciseCoverage');
    this.session.disconnect();
  }

  /** Ranges lie in one another, the inner after the outer; where both were run as often there is one. */
  private compare(name: string, ranges: Profiler.CoverageRange[], remember: boolean): boolean {
    const { startOffset: start, endOffset: end } = ranges[0]!;
    const ran = new Uint8Array(end - start);
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(Math.min(count, 1), startOffset - start, endOffset - start);
    let known = this.known.get(name);
    if (!known) this.known.set(name, (known = new Uint8Array(end - start)));
    let fresh = 0;
    for (let at = 0; at < ran.length; at++) {
      if (ran[at] === 0 || known[at] === 1) continue;
      fresh++;
      if (remember) known[at] = 1;
    }
    if (remember) this.covered += fresh;
    return fresh > 0;
  }

  /** In one's own process the answer is there when the call is over. */
  private ask(method: string, params: object = {}): unknown {
    let answer: { error: Error | null; result: unknown } | undefined;
    this.session.post(method, params, (error, result) => (answer = { error, result }));
    if (!answer) throw new Error(`${method} was not answered at once`);
    if (answer.error) throw answer.error;
    return answer.result;
  }
}
