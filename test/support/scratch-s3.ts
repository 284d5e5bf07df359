import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Access } from '../../libs/config/files-url.js';
import { removeFolder, scratchFolder } from './scratch-folder.js';

/** What {@link ScratchS3} does with a request instead of answering it. */
export type Fault =
  | { kind: 'status'; status: number; code: string; /** Which requests; all if left out. */ method?: string }
  /** Takes the request and says nothing. */
  | { kind: 'silence' }
  /** Takes its time. */
  | { kind: 'slow'; ms: number }
  /** Hangs up in the middle of the answer's body. */
  | { kind: 'cut' }
  /** Answers that another object was stored than was sent. */
  | { kind: 'wrong-etag' };

interface S3Store {
  putObject(object: { bucket: string; key: string }): Promise<{ size: number }>;
  getResourcePath(bucket: string, key: string, resource: string): string;
}
interface S3rver {
  store: S3Store;
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

/**
 * A real S3 server (s3rver) on a free port with one bucket, and a door before it that can be told to misbehave. It
 * knows one pair of credentials, whose secret half it does not check.
 */
export class ScratchS3 {
  readonly bucket = 'plaza-files';
  /** Until it is taken away again, every request meets it. */
  fault: Fault | undefined;
  /** Of every request so far: `GET /bucket/key`, without the query but its first name. */
  readonly requests: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly server: S3rver,
    private readonly serverPort: number,
    private readonly door: Server,
  ) {
    door.on('request', (incoming: IncomingMessage, answer: ServerResponse) => this.pass(incoming, answer));
  }

  static async start(): Promise<ScratchS3> {
    const folder = await scratchFolder();
    const server = makeS3rver(join(folder, 's3'), 'plaza-files');
    const { port } = await server.run();
    const door = createServer();
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    return new ScratchS3(folder, server, port, door);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.door.address() as AddressInfo).port}`;
  }

  get access(): S3Access {
    const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
    return { region: 'us-east-1', endpoint: this.endpoint, pathStyle: true, credentials };
  }

  /** The settings of a server that keeps its files here. */
  environment(prefix: string): Record<string, string> {
    return {
      FILES_URL: `s3://${this.bucket}/${prefix}`,
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
    };
  }

  async stop(): Promise<void> {
    this.door.closeAllConnections();
    await new Promise((resolve) => this.door.close(resolve));
    await this.server.close();
    await removeFolder(this.folder);
  }

  private pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const [path, query = ''] = incoming.url!.split('?');
    this.requests.push(`${incoming.method} ${path}${query && `?${query.split(/[=&]/)[0]}`}`);
    const { fault } = this;
    if (fault?.kind === 'silence') return void incoming.resume();
    if (fault?.kind === 'slow') return void setTimeout(() => this.passOn(incoming, answer), fault.ms);
    if (fault?.kind === 'status' && (fault.method ?? incoming.method) === incoming.method) {
      incoming.resume();
      answer.writeHead(fault.status, { 'content-type': 'application/xml' });
      return void answer.end(`<Error><Code>${fault.code}</Code><Message>as told</Message></Error>`);
    }
    this.passOn(incoming, answer);
  }

  private passOn(incoming: IncomingMessage, answer: ServerResponse): void {
    const { fault } = this;
    const { method, url, headers } = incoming;
    const onward = request({ port: this.serverPort, method, path: url, headers, agent: false }, (reply) => {
      const etag = fault?.kind === 'wrong-etag' ? { etag: `"${'0'.repeat(32)}"` } : {};
      answer.writeHead(reply.statusCode!, { ...reply.headers, ...etag });
      if (fault?.kind === 'cut')
        reply.once('data', (chunk: Buffer) => answer.write(chunk.subarray(0, 1), () => answer.destroy()));
      else reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  }
}

/** s3rver has two faults under today's Node, which are mended here. */
function makeS3rver(directory: string, bucket: string): S3rver {
  giveBackDes();
  const Made = require('s3rver') as new (options: object) => S3rver;
  const server = new Made({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    vhostBuckets: false,
    directory,
    configureBuckets: [{ name: bucket }],
  });
  // It answers before the last bytes are in its file.
  const { store } = server;
  const put = store.putObject.bind(store);
  store.putObject = async (object) => {
    const stored = await put(object);
    const path = store.getResourcePath(object.bucket, object.key, 'object');
    while ((await stat(path)).size < stored.size) await delay(1);
    return stored;
  };
  return server;
}

/** s3rver hides its place in a list with a cipher that OpenSSL dropped; three times the same key is that cipher. */
function giveBackDes(): void {
  const crypto = require('node:crypto') as Record<string, (name: string, key: Buffer, iv: Buffer) => unknown>;
  for (const name of ['createCipheriv', 'createDecipheriv']) {
    const original = crypto[name]!;
    crypto[name] = (cipher, key, iv) =>
      cipher === 'des'
        ? original('des-ede3-cbc', Buffer.concat([key, key, key]), iv)
        : original(cipher, key, iv);
  }
}
