import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../../../libs/config/project-root.js';
import { selectCryptoBackend } from '../../../../../libs/crypto/select-backend.js';
import type { WireRequest, WireResponse } from '../../../../../libs/protocol/wire.js';
import type { AssetPaths } from './layout.js';
import { assetResponse, notModified } from './page-response.js';

const FOLDER = join(projectRoot, 'apps', 'api', 'src', 'http', 'pages', 'assets');
const HASH_BYTES = 16;

/** Each is made of its parts, in this order. */
const FILES = {
  style: {
    name: 'plaza.css',
    contentType: 'text/css; charset=utf-8',
    parts: ['palette.css', 'plaza.css'],
  },
  script: { name: 'plaza.js', contentType: 'text/javascript; charset=utf-8', parts: ['plaza.js'] },
  icon: { name: 'plaza.svg', contentType: 'image/svg+xml', parts: ['plaza.svg'] },
} as const;

interface Asset {
  contentType: string;
  body: Buffer;
  /** Of the content: part of the address that pages use, so that browsers may keep the file for ever. */
  hash: string;
}

/** The static files of the pages, read once. */
export class PageAssets {
  readonly paths: AssetPaths;
  private readonly byName: ReadonlyMap<string, Asset>;

  constructor() {
    const assets = Object.values(FILES).map(({ name, contentType, parts }) => {
      const body = Buffer.concat(parts.map((part) => readFileSync(join(FOLDER, part))));
      return [name, { contentType, body, hash: hashOf(body) }] as const;
    });
    this.byName = new Map(assets);
    const path = ({ name }: { name: string }): string => `/pages/${name}?v=${this.byName.get(name)!.hash}`;
    this.paths = { style: path(FILES.style), script: path(FILES.script), icon: path(FILES.icon) };
  }

  /** Undefined when there is no such file. */
  answer(name: string, request: Pick<WireRequest, 'rawQuery' | 'headers'>): WireResponse | undefined {
    const asset = this.byName.get(name);
    if (!asset) return undefined;
    const etag = `"${asset.hash}"`;
    const isNamedByHash = new URLSearchParams(request.rawQuery).get('v') === asset.hash;
    const headers = {
      etag,
      'cache-control': isNamedByHash ? 'public, max-age=31536000, immutable' : 'no-cache',
    };
    if (request.headers['if-none-match'] === etag) return notModified(headers);
    return assetResponse(asset.contentType, asset.body, headers);
  }
}

const hashOf = (bytes: Buffer): string =>
  selectCryptoBackend('sodium').blake2b(HASH_BYTES, bytes).toString('hex').slice(0, HASH_BYTES);
