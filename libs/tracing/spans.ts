import { context, trace, SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api';

/** What a span says beside its name and duration. Never anything of a person: no ids, addresses, paths, texts. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a span says once it is over. */
export interface SpanOutcome {
  attributes: SpanAttributes;
  isFailure: boolean;
}

/** Tracing belongs to the process. While it is off this is undefined, and a span costs one comparison. */
let tracer: Tracer | undefined;

export function useTracer(used: Tracer | undefined): void {
  tracer = used;
}

/** Something that came from outside and is under way; undefined while tracing is off. */
export class TracedRequest {
  private constructor(private readonly span: Span) {}

  /** Whatever context the client sends is passed over: a stranger must not choose what is recorded. */
  static begin(name: string): TracedRequest | undefined {
    if (!tracer) return undefined;
    return new TracedRequest(tracer.startSpan(name, { kind: SpanKind.SERVER, root: true }));
  }

  /** Runs `work`, and whatever it starts, inside of this request. */
  inside(work: () => void): void {
    context.with(trace.setSpan(context.active(), this.span), work);
  }

  end(name: string, { attributes, isFailure }: SpanOutcome): void {
    this.span.updateName(name);
    this.span.setAttributes(attributes);
    if (isFailure) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** A span around `work`, which begins a trace of its own. */
export function tracedJob<Result>(
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!tracer) return work();
  const span = tracer.startSpan(name, { kind: SpanKind.CONSUMER, root: true, attributes });
  return followed(span, work);
}

/** A span around `work` where there is one around it already; what nobody asked for is no trace. */
export function traced<Result>(
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<Result>,
  outcomeOf?: (result: Result) => SpanOutcome,
): Promise<Result> {
  if (!tracer || !trace.getActiveSpan()) return work();
  return followed(tracer.startSpan(name, { attributes }), work, outcomeOf);
}

/** The same for what other programs do for us: PostgreSQL, Redis. */
export function tracedCall<Result>(
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!tracer || !trace.getActiveSpan()) return work();
  return followed(tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }), work);
}

/** The same for what is done before it returns. */
export function tracedStep<Result>(name: string, work: () => Result): Result {
  if (!tracer || !trace.getActiveSpan()) return work();
  const span = tracer.startSpan(name);
  try {
    return work();
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

async function followed<Result>(
  span: Span,
  work: () => Promise<Result>,
  outcomeOf?: (result: Result) => SpanOutcome,
): Promise<Result> {
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    const outcome = outcomeOf?.(result);
    if (outcome) span.setAttributes(outcome.attributes);
    if (outcome?.isFailure) span.setStatus({ code: SpanStatusCode.ERROR });
    return result;
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The kind of error alone: its message may quote what somebody sent. */
function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
  span.setStatus({ code: SpanStatusCode.ERROR });
}
