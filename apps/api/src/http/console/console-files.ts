import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Below this, compressing saves nothing. */
const COMPRESSED_BYTES_MIN = 1_024;
/** Nearly as small as the best there is, at a tenth of the time. */
const BROTLI_QUALITY = 9;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

export type ContentEncoding = 'br' | 'gzip';

/** A file with its forms for transport, each made when somebody asks for it first. */
export class ConsoleFile {
  private readonly encoded = new Map<ContentEncoding, Promise<Buffer>>();

  constructor(
    readonly contentType: string,
    private readonly bytes: Buffer,
  ) {}

  /** The best form that `acceptEncoding` allows; no encoding: as it is. */
  async body(acceptEncoding = ''): Promise<{ bytes: Buffer; encoding?: ContentEncoding }> {
    const encoding = this.bytes.length < COMPRESSED_BYTES_MIN ? undefined : bestEncoding(acceptEncoding);
    if (!encoding) return { bytes: this.bytes };
    let bytes = this.encoded.get(encoding);
    if (!bytes) {
      bytes = encoding === 'br' ? brotliOf(this.bytes) : gzipped(this.bytes);
      this.encoded.set(encoding, bytes);
    }
    return { bytes: await bytes, encoding };
  }
}

/** What `vite build` made of apps/console, read once. */
export class ConsoleFiles {
  /** Undefined where the console was not built. */
  readonly page: string | undefined;
  private readonly assets: ReadonlyMap<string, ConsoleFile>;

  constructor(folder: string) {
    const page = join(folder, 'index.html');
    this.page = existsSync(page) ? readFileSync(page, 'utf8') : undefined;
    this.assets = this.page === undefined ? new Map() : readAssets(join(folder, 'assets'));
  }

  /** By its name, which changes with its content. */
  asset(name: string): ConsoleFile | undefined {
    return this.assets.get(name);
  }
}

function readAssets(folder: string): Map<string, ConsoleFile> {
  const files = readdirSync(folder).flatMap((name) => {
    const contentType = CONTENT_TYPES[extname(name)];
    return contentType
      ? [[name, new ConsoleFile(contentType, readFileSync(join(folder, name)))] as const]
      : [];
  });
  return new Map(files);
}

const brotliOf = (bytes: Buffer): Promise<Buffer> =>
  brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });

/** Every browser of the last years takes the first; `;q=0` is not worth reading for our own page. */
export function bestEncoding(acceptEncoding: string): ContentEncoding | undefined {
  const accepted = acceptEncoding.split(',').map((part) => part.split(';', 1)[0]!.trim().toLowerCase());
  if (accepted.includes('br')) return 'br';
  return accepted.includes('gzip') ? 'gzip' : undefined;
}
