import { AggregatorRegistry, type MetricType } from 'prom-client';

/** A metric of a process with its values, as prom-client writes it for other processes. */
export interface MetricValues {
  name: string;
  help: string;
  /** As a word where it came from another process. */
  type: MetricType | string;
  aggregator: string;
  values: readonly { value: number; labels: object; metricName?: string }[];
}

/**
 * The metrics of several processes as those of one. What ended processes counted stays in the sum, in which Prometheus
 * would take a step down for a new beginning. As large as the metrics of one process, however many have ended.
 */
export class MemberTotals {
  private readonly last = new Map<number, readonly MetricValues[]>();
  private ended: readonly MetricValues[] = [];

  /** Those that told something and did not end. */
  get members(): readonly number[] {
    return [...this.last.keys()];
  }

  told(member: number, values: readonly MetricValues[]): void {
    this.last.set(member, values);
  }

  memberEnded(member: number): void {
    const values = this.last.get(member);
    if (!values || !this.last.delete(member)) return;
    this.ended = sum([this.ended, counters(values)]).getMetricsAsArray() as unknown as MetricValues[];
  }

  /** `current`: who told its values just now. Of others only what they counted until they last did is told. */
  text(current: ReadonlySet<number>): Promise<string> {
    const living = [...this.last].map(([member, values]) =>
      current.has(member) ? values : counters(values),
    );
    return sum([this.ended, ...living]).metrics();
  }
}

const counters = (values: readonly MetricValues[]): MetricValues[] =>
  values.filter(({ type }) => type === 'counter' || type === 'histogram');

const sum = (all: readonly (readonly MetricValues[])[]) => AggregatorRegistry.aggregate([...all]);
