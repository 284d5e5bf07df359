import { context, diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { atMostEvery } from '../protocol/at-most-every.js';
import { settlesWithin } from '../protocol/bounded-wait.js';
import { useTracer } from './spans.js';

export interface TracingOptions {
  /** Of a collector that takes OTLP over HTTP; undefined: no tracing. */
  url: string | undefined;
  /** How much of what happens is recorded, from 0 to 1; a trace is recorded whole or not at all. */
  ratio: number;
  /** `plaza-api`, `plaza-worker`. */
  service: string;
  version: string;
  log: { info(details: { traces: string }, message: string): void; warn(message: string): void };
}

const TRACES_PATH = '/v1/traces';
const EXPORT_TIMEOUT_MS = 5_000;
const FLUSH_TIMEOUT_MS = 2_000;
/** A collector that is away is told about this often at most. */
const WARN_EVERY_MS = 60_000;

/** Sends traces to a collector from now on, until it is closed; once in a process. */
export class Tracing {
  private constructor(private readonly shutdown: () => Promise<void>) {}

  /** Undefined when it is off, and then OpenTelemetry is not even loaded. */
  static async start(options: TracingOptions): Promise<Tracing | undefined> {
    const { url, log } = options;
    if (url === undefined) return undefined;
    diag.setLogger(warnings(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
    const provider = await makeProvider({ ...options, url });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    useTracer(provider.getTracer('plaza', options.version));
    log.info({ traces: url }, 'traces are sent');
    return new Tracing(() => provider.shutdown());
  }

  /** Sends what is left, for a moment. */
  async close(): Promise<void> {
    useTracer(undefined);
    await settlesWithin(FLUSH_TIMEOUT_MS, this.shutdown());
    context.disable();
    diag.disable();
  }
}

async function makeProvider({ url, ratio, service, version }: TracingOptions & { url: string }) {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${url}${TRACES_PATH}`, timeoutMillis: EXPORT_TIMEOUT_MS });
  return new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    // Its queue has a bound; what is beyond is dropped, so that a collector that is away costs no memory.
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
}

/** OpenTelemetry's complaints, once in a while, and without the details, which may hold credentials. */
function warnings(log: TracingOptions['log']): DiagLogger {
  const isTimeToWarn = atMostEvery(WARN_EVERY_MS);
  const warn = (): void => {
    if (isTimeToWarn()) log.warn('traces cannot be sent: look at TRACING_URL and at the collector');
  };
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
