import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricValues } from './member-totals.js';
import { PlainEndpoint } from './plain-endpoint.js';
import { allTallies, type Counted } from './tally.js';

/** Seconds. An idle poll takes one or two thousandths, a slow upload minutes. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A value that is looked at when somebody asks. */
export interface Gauged {
  name: string;
  help: string;
  labelNames?: readonly string[];
  /** How values of several processes become one; the sum if left out. */
  aggregator?: 'sum' | 'max' | 'min';
  /** Nothing, when there is nothing to tell. It may throw, and then there is nothing to tell either. */
  read(): Iterable<Gauge1> | Promise<Iterable<Gauge1>>;
}

export interface Gauge1 {
  labels?: readonly string[];
  value: number;
}

/** What a process tells about itself in Prometheus' format. The only importer of prom-client. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly durations: Histogram;
  /** prom-client looks labels up anew each time otherwise. */
  private readonly durationsByRoute = new Map<string, (seconds: number) => void>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.takeTheSlowest();
    this.gauge({
      name: 'plaza_process_memory_bytes_max',
      help: 'Resident memory, of several processes that of the largest',
      aggregator: 'max',
      read: () => [{ value: process.memoryUsage.rss() }],
    });
    this.durations = new Histogram({
      name: 'plaza_request_duration_seconds',
      help: 'From the whole of an HTTP request to the beginning of its answer, by route (that inside the onion)',
      labelNames: ['route'],
      buckets: DURATION_BUCKETS,
      registers: [this.registry],
    });
    for (const tally of allTallies()) this.count(tally);
  }

  /** What is counted elsewhere, and only grows. */
  count(source: CountedElsewhere): void {
    const { name, help } = source;
    const labelNames = [...source.labelNames];
    const counter: Counter = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => {
        counter.reset();
        for (const { labels, count } of source.counts()) counter.inc(named(labelNames, labels), count);
      },
    });
  }

  gauge({ name, help, labelNames = [], aggregator = 'sum', read }: Gauged): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      aggregator,
      registers: [this.registry],
      collect: async () => {
        gauge.reset();
        if (labelNames.length === 0) gauge.remove(); // prom-client's reset leaves a zero
        for (const { labels = [], value } of await valuesOf(read))
          gauge.set(named(labelNames, labels), value);
      },
    });
  }

  /** `route`: a pattern, of which there are few. */
  requestTook(route: string, seconds: number): void {
    let observe = this.durationsByRoute.get(route);
    if (!observe) {
      const child = this.durations.labels(route);
      observe = (value) => child.observe(value);
      this.durationsByRoute.set(route, observe);
    }
    observe(seconds);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** For the primary of several processes, which adds them up. */
  values(): Promise<MetricValues[]> {
    return this.registry.getMetricsAsJSON() as unknown as Promise<MetricValues[]>;
  }

  /** prom-client would tell the mean of several processes, in which one that hangs cannot be seen. */
  private takeTheSlowest(): void {
    const lag = this.registry.getSingleMetric('nodejs_eventloop_lag_p99_seconds');
    if (lag) (lag as unknown as { aggregator: string }).aggregator = 'max';
  }
}

/** A tally, or something like it. */
export interface CountedElsewhere {
  name: string;
  help: string;
  labelNames: readonly string[];
  counts(): Iterable<Counted>;
}

/** `/metrics` on a port of its own, which is not for the public. */
export const listenForMetrics = (
  at: { host: string; port: number },
  text: () => Promise<string>,
): Promise<PlainEndpoint> =>
  PlainEndpoint.listen(at, {
    '/metrics': async () => ({
      status: 200,
      contentType: Registry.PROMETHEUS_CONTENT_TYPE,
      body: await text(),
    }),
  });

async function valuesOf(read: Gauged['read']): Promise<Iterable<Gauge1>> {
  try {
    return await read();
  } catch {
    return []; // the other metrics are told all the same
  }
}

const named = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
