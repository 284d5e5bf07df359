import { setTimeout as delay } from 'node:timers/promises';
import { WebhookReceiver } from './webhook-receiver.js';

const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/** A span as it came over OTLP. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  /** Undefined: the first of its trace. */
  parentSpanId: string | undefined;
  name: string;
  /** 2: it failed. */
  statusCode: number;
  attributes: Record<string, string | number | boolean>;
}

/** Takes traces as a collector of OpenTelemetry does. Whoever opens one closes it. */
export class TraceCollector {
  private constructor(private readonly receiver: WebhookReceiver) {}

  static async open(): Promise<TraceCollector> {
    const receiver = await WebhookReceiver.open();
    receiver.answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
    return new TraceCollector(receiver);
  }

  get url(): string {
    return `http://127.0.0.1:${this.receiver.port}`;
  }

  /** From now on it does not answer. */
  fallSilent(): void {
    this.receiver.silent = true;
  }

  get requests(): number {
    return this.receiver.received.length;
  }

  /** Everything that arrived, as text. */
  get text(): string {
    return this.receiver.received.map(({ text }) => text).join('\n');
  }

  get spans(): CollectedSpan[] {
    return this.receiver.received.flatMap(({ json }) =>
      json.resourceSpans.flatMap((resource: any) =>
        resource.scopeSpans.flatMap((scope: any) => scope.spans.map(collected)),
      ),
    );
  }

  /** The spans, as soon as there is one like it. */
  async spansWith(isWanted: (span: CollectedSpan) => boolean): Promise<CollectedSpan[]> {
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(POLL_MS)) {
      if (this.spans.some(isWanted)) return this.spans;
    }
    throw new Error(`no such span among ${this.spans.map(({ name }) => name).join(', ')}`);
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}

const collected = (span: any): CollectedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || undefined,
  name: span.name,
  statusCode: span.status?.code ?? 0,
  attributes: Object.fromEntries(
    span.attributes.map(({ key, value }: any) => [key, Object.values(value)[0]]),
  ),
});

/** The tree below a span: `name` or `[name, children]`, in the order of their names. */
export type SpanTree = string | [string, ...SpanTree[]];

export function treeOf(spans: readonly CollectedSpan[], root: CollectedSpan): SpanTree {
  const children = spans
    .filter(({ traceId, parentSpanId }) => traceId === root.traceId && parentSpanId === root.spanId)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return children.length === 0 ? root.name : [root.name, ...children.map((child) => treeOf(spans, child))];
}
