import { EMPTY_BODY, textResponse, type WireResponse } from '../../../../../libs/protocol/wire.js';
import type { Markup } from './markup.js';

/** Styles, images and the one script come from here; nothing comes from elsewhere, nothing runs inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Browsers ask again each time, so that what was deleted here does not live on there. */
export const htmlResponse = (status: number, page: Markup): WireResponse => ({
  status,
  headers: { ...SECURITY_HEADERS, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  body: Buffer.from(page.html),
});

export const assetResponse = (
  contentType: string,
  body: Buffer,
  headers: Record<string, string>,
): WireResponse => ({
  status: 200,
  headers: { ...SECURITY_HEADERS, 'content-type': contentType, ...headers },
  body,
});

export const notModified = (headers: Record<string, string>): WireResponse => ({
  status: 304,
  headers: { ...SECURITY_HEADERS, ...headers },
  body: EMPTY_BODY,
});

/** `location`: a path of ours, made of nothing that needs encoding. */
export const redirect = (status: 302 | 308, location: string): WireResponse => ({
  ...textResponse(status, `See ${location}`),
  headers: { ...textResponse(status, '').headers, ...SECURITY_HEADERS, location },
});
