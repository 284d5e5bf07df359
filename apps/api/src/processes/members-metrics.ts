import cluster, { type Worker } from 'node:cluster';
import { MemberTotals, type MetricValues } from '../../../../libs/metrics/member-totals.js';
import type { Metrics } from '../../../../libs/metrics/metrics.js';
import { settlesWithin } from '../../../../libs/protocol/bounded-wait.js';
import type { MetricsTold, MetricsWanted } from './process-messages.js';

/** Prometheus waits for ten seconds. */
const ANSWER_TIMEOUT_MS = 4_000;

/** In the primary: asks the processes for their metrics, and tells the sum. */
export class MembersMetrics {
  private readonly totals = new MemberTotals();
  private readonly awaited = new Set<number>();
  private allAnswered = (): void => undefined;
  private round: Promise<string> | undefined;

  constructor() {
    cluster.on('message', (member: Worker, message: Partial<MetricsTold>) => {
      if (message.kind === 'metrics') this.answered(member.id, message.values ?? []);
    });
    // Not when it exits, since its last words may come after that.
    cluster.on('disconnect', ({ id }) => {
      this.totals.memberEnded(id);
      this.noLongerAwaited(id);
    });
  }

  /** Whoever asks at the same time gets the same answer. */
  text(): Promise<string> {
    return (this.round ??= this.ask().finally(() => (this.round = undefined)));
  }

  private async ask(): Promise<string> {
    const asked = this.totals.members.filter((id) => cluster.workers?.[id]?.isConnected());
    const wanted: MetricsWanted = { kind: 'metrics wanted' };
    for (const id of asked) {
      this.awaited.add(id);
      cluster.workers![id]!.send(wanted);
    }
    if (asked.length > 0)
      await settlesWithin(ANSWER_TIMEOUT_MS, new Promise<void>((resolve) => (this.allAnswered = resolve)));
    const current = new Set(asked.filter((id) => !this.awaited.has(id)));
    this.awaited.clear();
    return this.totals.text(current);
  }

  private answered(id: number, values: readonly MetricValues[]): void {
    this.totals.told(id, values);
    this.noLongerAwaited(id);
  }

  private noLongerAwaited(id: number): void {
    if (this.awaited.delete(id) && this.awaited.size === 0) this.allAnswered();
  }
}

/** In a process that serves: what the primary is told, from now on whenever it asks. */
export class MemberMetrics {
  private constructor(private readonly metrics: Metrics) {}

  static async start(metrics: Metrics): Promise<MemberMetrics> {
    const member = new MemberMetrics(metrics);
    process.on('message', ({ kind }: Partial<MetricsWanted>) => {
      if (kind === 'metrics wanted') void member.tell();
    });
    await member.tell(); // nobody is asked who has not said that there is an answer
    return member;
  }

  /** Tells it once more, so that nothing is missing from the sum. */
  close(): Promise<void> {
    return this.tell();
  }

  private async tell(): Promise<void> {
    const told: MetricsTold = { kind: 'metrics', values: await this.metrics.values() };
    await new Promise<void>((resolve) => process.send!(told, undefined, undefined, () => resolve()));
  }
}
