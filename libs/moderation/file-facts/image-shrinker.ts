import { Worker } from 'node:worker_threads';
import { imageJobOf, type ImageJob } from './image-job.js';
import { THUMBNAIL_EDGE } from './perceptual-hash.js';

/** What the thread is started with. */
export interface ImageThreadData {
  readonly edge: number;
  readonly pixelsMax: number;
  /** Paths: of the WebAssembly file, and of `jpeg-preview`. */
  readonly webpDecoder: string;
  readonly jpegPreviewModule: string;
}

export interface ImageShrinkerOptions {
  /** Larger images are not decoded; of a JPEG only a preview is, so it may be 16 times as large. */
  readonly pixelsMax: number;
  /** Of one image, the start of the thread included. */
  readonly timeoutMs: number;
  /** Images that wait; beyond it they are not decoded. */
  readonly queueMax: number;
  /** After so long without work the thread ends. */
  readonly idleMs: number;
  /** Of the thread's JavaScript; the pixels themselves are bounded by {@link pixelsMax}. */
  readonly heapMegabytesMax: number;
}

const DEFAULTS: ImageShrinkerOptions = {
  pixelsMax: 16_777_216,
  timeoutMs: 10_000,
  queueMax: 16,
  idleMs: 60_000,
  heapMegabytesMax: 256,
};

interface Job extends ImageJob {
  readonly settle: (thumbnail: Uint8Array | null) => void;
}

/** Makes small grey images of strangers' large ones, one at a time, in a thread that lives while there is work. */
export class ImageShrinker {
  private readonly options: ImageShrinkerOptions;
  private readonly queue: Job[] = [];
  private thread: Worker | undefined;
  private current: Job | undefined;
  /** Ends the thread: with an image, when it takes too long; without one, when none comes. */
  private deadline: NodeJS.Timeout | undefined;
  /** One that does not answer any more, until it is gone. */
  private ending: Worker | undefined;
  private isClosed = false;

  constructor(options: Partial<ImageShrinkerOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Whether the thread runs. */
  get isRunning(): boolean {
    return this.thread !== undefined;
  }

  /**
   * 32 × 32 grey levels of an image (PNG, JPEG, GIF, WebP, BMP; of an animation the first frame). Null for what is no
   * image, cannot be decoded, or not within the bounds.
   */
  async shrink(bytes: Buffer): Promise<Uint8Array | null> {
    const job = imageJobOf(bytes, this.options.pixelsMax);
    if (!job || this.isClosed || this.queue.length >= this.options.queueMax) return null;
    return new Promise((settle) => {
      this.queue.push({ ...job, settle });
      this.startNext();
    });
  }

  /** Ends the thread; images that wait are not decoded. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { settle } of this.queue.splice(0)) settle(null);
    await this.endThread();
  }

  private startNext(): void {
    if (this.current || this.ending) return;
    this.current = this.queue.shift();
    clearTimeout(this.deadline);
    if (!this.current) return this.waitForWork();
    this.thread ??= this.startThread();
    this.thread.ref();
    // A copy that goes over as a whole: the bytes may be part of something larger, and others still need them.
    const { settle: _, ...job } = this.current;
    const bytes = new Uint8Array(job.bytes);
    this.thread.postMessage({ ...job, bytes } satisfies ImageJob, [bytes.buffer]);
    this.deadline = setTimeout(() => void this.endThread(), this.options.timeoutMs);
  }

  private waitForWork(): void {
    if (!this.thread) return;
    this.thread.unref();
    this.deadline = setTimeout(() => void this.endThread(), this.options.idleMs).unref();
  }

  private startThread(): Worker {
    const workerData: ImageThreadData = {
      edge: THUMBNAIL_EDGE,
      pixelsMax: this.options.pixelsMax,
      webpDecoder: require.resolve('@jsquash/webp/codec/dec/webp_dec.wasm'),
      jpegPreviewModule: require.resolve('./jpeg-preview.js'),
    };
    const thread = new Worker(require.resolve('./image-thread.js'), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMegabytesMax },
      // What is said in there goes nowhere. (Reading it would keep the process alive.)
      stdout: true,
      stderr: true,
    });
    thread.on('message', (thumbnail: Uint8Array | null) => this.finish(thread, thumbnail));
    // Out of memory, or a decoder that broke: the image is given up, the next one gets another thread.
    for (const event of ['error', 'exit'])
      thread.on(event, () => {
        if (thread === this.thread) void this.endThread();
      });
    return thread;
  }

  private finish(thread: Worker, thumbnail: Uint8Array | null): void {
    if (thread !== this.thread) return;
    this.current?.settle(thumbnail);
    this.current = undefined;
    this.startNext();
  }

  private async endThread(): Promise<void> {
    const { thread, current } = this;
    clearTimeout(this.deadline);
    this.thread = undefined;
    this.current = undefined;
    this.ending = thread;
    current?.settle(null);
    await thread?.terminate();
    this.ending = undefined;
    this.startNext();
  }
}
