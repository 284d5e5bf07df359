import { resolve } from 'node:path';
import type { SettingKind } from './setting-kinds.js';

/** Where the bytes of files are. */
export type FilesLocation =
  | { readonly kind: 'folder'; /** Absolute. */ readonly path: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Parts joined by `/`, without one at either end; empty: the whole bucket. */
      readonly prefix: string;
    };

/** How to reach S3. What is undefined is left to Amazon's own defaults: profiles, roles of machines and containers. */
export interface S3Access {
  readonly region: string | undefined;
  /** Of another S3-compatible server than Amazon's. */
  readonly endpoint: string | undefined;
  /** `endpoint/bucket/key` rather than `bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  readonly credentials:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | undefined;
}

/** Amazon's rules are narrower; other servers also take capitals and underscores. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
const PREFIX_PART = /^[A-Za-z0-9!_.*'()-]+$/;
const PREFIX_LENGTH_MAX = 500;

/** `file:PATH`, taken literally, or `s3://BUCKET/PREFIX`. */
export const filesUrl: SettingKind<FilesLocation> = {
  expected:
    'file:PATH (such as file:/srv/plaza/files, nothing percent-encoded) or s3://BUCKET/PREFIX without a password',
  parse: (text, { cwd }) => (text.startsWith('s3://') ? parseS3(text.slice(5)) : parseFile(text, cwd)),
};

function parseFile(text: string, cwd: string): FilesLocation | undefined {
  // file:/a and file:///a are the same; file://a would name a machine.
  const [, path] = /^file:(?:\/\/(?=\/))?((?!\/\/)[^\0]+)$/.exec(text) ?? [];
  if (path === undefined || /%[0-9A-Fa-f]{2}|^~/.test(path)) return undefined;
  return { kind: 'folder', path: resolve(cwd, path) };
}

function parseS3(rest: string): FilesLocation | undefined {
  const [bucket = '', ...parts] = rest.replace(/\/$/, '').split('/');
  const prefix = parts.join('/');
  if (!BUCKET.test(bucket) || prefix.length > PREFIX_LENGTH_MAX) return undefined;
  if (!parts.every((part) => PREFIX_PART.test(part) && !/^\.+$/.test(part))) return undefined;
  return { kind: 's3', bucket, prefix };
}

/** As {@link filesUrl} reads it back. */
export const formatFilesUrl = (at: FilesLocation): string =>
  at.kind === 'folder' ? `file:${at.path}` : `s3://${at.bucket}${at.prefix && `/${at.prefix}`}`;

/** Whether both are the same, or one lies in the other. */
export function overlap(one: FilesLocation, other: FilesLocation): boolean {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a.startsWith(b) || b.startsWith(a);
}

const placeOf = (at: FilesLocation): string => `${formatFilesUrl(at)}/`.replace(/\/+$/, '/');
