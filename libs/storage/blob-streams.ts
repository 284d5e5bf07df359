import { Readable, Transform, type TransformCallback } from 'node:stream';

/** Lets through exactly `size` bytes, and fails with one more or at the end with one less. */
export class ExactStream extends Transform {
  private passed = 0;

  constructor(
    private readonly size: number,
    /** Sees every chunk that passes. */
    private readonly watch?: (chunk: Buffer) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.passed += chunk.length;
    if (this.passed > this.size) return done(new Error(`more than the ${this.size} bytes that were said`));
    this.watch?.(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const isWhole = this.passed === this.size;
    done(isWhole ? null : new Error(`${this.passed} bytes instead of the ${this.size} that were said`));
  }
}

/** The same bytes; a failure on the way comes out as what `failure` makes of it. */
export function withFailures(stream: Readable, failure: (error: unknown) => unknown): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw failure(error);
    }
  }
  stream.on('error', () => undefined); // also before anybody reads
  const passed = Readable.from(chunks(), { objectMode: false });
  // A generator that was never started closes nothing.
  return passed.once('close', () => stream.destroy());
}
