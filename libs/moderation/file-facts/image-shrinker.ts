import { Worker } from 'node:worker_threads';
import { readImageHeader, type ImageFormat } from './image-header.js';
import { THUMBNAIL_EDGE } from './perceptual-hash.js';
import { stillWebp } from './webp-frame.js';

/** What the thread is started with. */
export interface ImageThreadData {
  readonly edge: number;
  readonly pixelsMax: number;
  /** Path of the WebAssembly file. */
  readonly webpDecoder: string;
}

/** One image. The thread answers with a thumbnail, or null. */
export interface ImageThreadJob {
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
}

export interface ImageShrinkerOptions {
  /** Larger images are not decoded. A JPEG takes about 30 bytes of memory per pixel. */
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
  heapMegabytesMax: 384,
};

interface Job extends ImageThreadJob {
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
    const job = this.jobOf(bytes);
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

  private jobOf(bytes: Buffer): ImageThreadJob | undefined {
    const header = readImageHeader(bytes);
    if (!header || !this.isSmallEnough(header)) return undefined;
    if (header.format !== 'webp') return { format: header.format, bytes };
    const still = stillWebp(bytes);
    const frame = still && readImageHeader(still);
    return still && frame && this.isSmallEnough(frame) ? { format: 'webp', bytes: still } : undefined;
  }

  private isSmallEnough({ width, height }: { width: number; height: number }): boolean {
    return width * height <= this.options.pixelsMax;
  }

  private startNext(): void {
    if (this.current) return;
    this.current = this.queue.shift();
    clearTimeout(this.deadline);
    if (!this.current) {
      this.thread?.unref();
      this.deadline = setTimeout(() => void this.endThread(), this.options.idleMs).unref();
      return;
    }
    this.thread ??= this.startThread();
    this.thread.ref();
    // A copy that goes over as a whole: the bytes may be part of something larger, and others still need them.
    const bytes = new Uint8Array(this.current.bytes);
    this.thread.postMessage({ format: this.current.format, bytes } satisfies ImageThreadJob, [bytes.buffer]);
    this.deadline = setTimeout(() => void this.endThread(), this.options.timeoutMs);
  }

  private startThread(): Worker {
    const workerData: ImageThreadData = {
      edge: THUMBNAIL_EDGE,
      pixelsMax: this.options.pixelsMax,
      webpDecoder: require.resolve('@jsquash/webp/codec/dec/webp_dec.wasm'),
    };
    const thread = new Worker(require.resolve('./image-thread.js'), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMegabytesMax },
      // Decoders complain about images in words of their own.
      stdout: true,
      stderr: true,
    });
    thread.stdout.resume();
    thread.stderr.resume();
    thread.on('message', (thumbnail: Uint8Array | null) => this.finish(thread, thumbnail));
    // Out of memory, or a decoder that broke: the image is given up, the next one gets another thread.
    thread.on('error', () => void this.endThread());
    thread.on('exit', () => void (this.thread === thread && this.endThread()));
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
    current?.settle(null);
    if (this.queue.length > 0) this.startNext();
    await thread?.terminate();
  }
}
