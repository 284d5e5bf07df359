import type { S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import type { S3Access } from '../config/files-url.js';
import { isMissingObject, toFilesError, type S3Place } from './s3-failures.js';

type Sdk = typeof import('@aws-sdk/client-s3');
type Client = { sdk: Sdk; client: S3Client };

export interface S3Object {
  readonly key: string;
  readonly size: number;
  /** Unix seconds. */
  readonly storedAt: number;
}

const ATTEMPTS_MAX = 3;
/** Slower than this a client would not wait for an object either. */
const BYTES_PER_MS_MIN = 512;

export interface S3TimeLimits {
  readonly connectMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** For a whole call with its attempts, apart from the bytes of an object. Clients wait 25 s for their answer. */
  readonly callMs: number;
}

const TIME_LIMITS: S3TimeLimits = { connectMs: 3_000, idleMs: 10_000, callMs: 15_000 };

/** One bucket of S3 or a server like it: its operations with time limits, and its failures in our words. */
export class S3Connection {
  private opened: Promise<Client> | undefined;

  constructor(
    private readonly access: S3Access,
    private readonly place: S3Place,
    private readonly limits = TIME_LIMITS,
  ) {}

  /** With a stream, without a time limit but that for silence, and without a second attempt. Answers the ETag. */
  put(key: string, body: Buffer | Readable, size: number, signal?: AbortSignal): Promise<PutAnswer> {
    const { bucket: Bucket } = this.place;
    const timeoutMs = Buffer.isBuffer(body) ? this.timeoutFor(size) : undefined;
    return this.call({ timeoutMs, signal }, async ({ sdk, client }, options) => {
      const given = { Bucket, Key: key, Body: body, ContentLength: size };
      const { ETag, ServerSideEncryption } = await client.send(new sdk.PutObjectCommand(given), options);
      return { etag: ETag?.replaceAll('"', ''), encryption: ServerSideEncryption };
    });
  }

  /** Undefined when there is no such object. The stream fails with the SDK's or the network's errors. */
  open(key: string): Promise<{ size: number; stream: Readable } | undefined> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, ({ sdk, client }, options) =>
      orMissing(async () => {
        const answer = await client.send(new sdk.GetObjectCommand({ Bucket, Key: key }), options);
        return { size: answer.ContentLength!, stream: answer.Body as Readable };
      }),
    );
  }

  /** Undefined when there is no such object. */
  async read(key: string): Promise<Buffer | undefined> {
    const opened = await this.open(key);
    if (!opened) return undefined;
    const timeout = setTimeout(() => opened.stream.destroy(timedOut()), this.timeoutFor(opened.size));
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of opened.stream as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks);
    } catch (error) {
      throw this.failure(error);
    } finally {
      clearTimeout(timeout);
    }
  }

  sizeOf(key: string): Promise<number | undefined> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, ({ sdk, client }, options) =>
      orMissing(async () => {
        const answer = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: key }), options);
        return answer.ContentLength;
      }),
    );
  }

  delete(key: string): Promise<void> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, async ({ sdk, client }, options) => {
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: key }), options);
    });
  }

  /** At most 1000. False when this server does not know the request, as some do. */
  deleteMany(keys: readonly string[]): Promise<boolean> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, async ({ sdk, client }, options) => {
      const given = { Bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } };
      try {
        const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand(given), options);
        if (Errors.length > 0) throw Object.assign(new Error('not all deleted'), refusal(Errors[0]!.Code));
        return true;
      } catch (error) {
        if (DELETE_MANY_UNKNOWN.has((error as Error).name)) return false;
        throw error;
      }
    });
  }

  /** At most 1000 objects, and where to go on. */
  list(prefix: string, from: string | undefined): Promise<{ objects: S3Object[]; next: string | undefined }> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, async ({ sdk, client }, options) => {
      const given = { Bucket, Prefix: prefix, ContinuationToken: from };
      const answer = await client.send(new sdk.ListObjectsV2Command(given), options);
      const objects = (answer.Contents ?? []).map(({ Key, Size, LastModified }) => ({
        key: Key!,
        size: Size!,
        storedAt: LastModified!.getTime() / 1000,
      }));
      return { objects, next: answer.IsTruncated ? answer.NextContinuationToken : undefined };
    });
  }

  /** Unix seconds, by the server's clock. */
  now(prefix: string): Promise<number> {
    const { bucket: Bucket } = this.place;
    return this.call({ timeoutMs: this.limits.callMs }, async ({ sdk, client }, options) => {
      const command = new sdk.ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 });
      let date = '';
      command.middlewareStack.add(
        (next) => async (request) => {
          const answer = await next(request);
          date = (answer.response as { headers: Record<string, string> }).headers['date'] ?? '';
          return answer;
        },
        { step: 'deserialize' },
      );
      await client.send(command, options);
      return (Date.parse(date) || Date.now()) / 1000; // only a server without a clock leaves it out (RFC 9110)
    });
  }

  close(): void {
    void this.opened?.then(({ client }) => client.destroy());
  }

  failure(error: unknown): unknown {
    return toFilesError(error, this.place);
  }

  private timeoutFor(bytes: number): number {
    return this.limits.callMs + bytes / BYTES_PER_MS_MIN;
  }

  private async call<Result>(
    { timeoutMs, signal }: { timeoutMs: number | undefined; signal?: AbortSignal | undefined },
    work: (client: Client, options: { abortSignal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    const aborting = new AbortController();
    const abort = (): void => aborting.abort();
    const timeout = timeoutMs === undefined ? undefined : setTimeout(abort, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      this.opened ??= openClient(this.access, this.limits);
      return await work(await this.opened, { abortSignal: aborting.signal });
    } catch (error) {
      throw this.failure(error);
    } finally {
      clearTimeout(timeout);
      signal?.removeEventListener('abort', abort);
    }
  }
}

export interface PutAnswer {
  readonly etag: string | undefined;
  readonly encryption: string | undefined;
}

const silence = (): void => undefined;
const SILENT = { debug: silence, info: silence, warn: silence, error: silence };

/** Loading the SDK takes a tenth of a second that only those pay who need it. */
async function openClient(
  { region, endpoint, pathStyle, credentials }: S3Access,
  { connectMs, idleMs }: S3TimeLimits,
): Promise<Client> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    forcePathStyle: pathStyle,
    maxAttempts: ATTEMPTS_MAX,
    logger: SILENT, // its own goes to the console
    // Many S3-compatible servers do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Nor do all of them answer to "Expect: 100-continue".
    expectContinueHeader: false,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
  });
  return { sdk, client };
}

/** Not implemented (Google), or only with a checksum that is older than the SDK's. */
const DELETE_MANY_UNKNOWN = new Set([
  'NotImplemented',
  'MissingContentMD5',
  'InvalidRequest',
  'MalformedXML',
]);

const refusal = (name = 'InternalError') => ({ name, $metadata: { httpStatusCode: 200 } });

const timedOut = (): Error =>
  Object.assign(new Error('the object comes too slowly'), { name: 'TimeoutError' });

async function orMissing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissingObject(error)) return undefined;
    throw error;
  }
}
