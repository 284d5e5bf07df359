import { badRequest } from './errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses a request body as JSON whatever its content type (protocol.md §14). Throws the protocol's 400 for an
 * empty body, malformed UTF-8 or JSON, and for nesting deeper than `depthMax` (seen before anything is built).
 */
export function parseJson(body: Buffer, depthMax: number): unknown {
  if (body.length === 0) throw badRequest('A JSON body is required');
  if (opensMoreThan(body, depthMax) && depthOf(body, depthMax) > depthMax)
    throw badRequest('The JSON body is nested too deeply');
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    throw badRequest('The body is not valid JSON');
  }
}

/** Of a text that may be anything: undefined where it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether there are so many opening brackets, in strings or not: in most bodies there are not, and this is quick. */
function opensMoreThan(body: Buffer, most: number): boolean {
  let opened = 0;
  // [ and { differ in one bit.
  for (let at = 0; at < body.length; at++) if ((body[at]! & 0xdf) === 0x5b && ++opened > most) return true;
  return false;
}

/** Nesting of brackets outside strings; stops counting one level past `depthMax`. */
function depthOf(body: Buffer, depthMax: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE:
        at = endOfString(body, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        deepest = Math.max(deepest, ++depth);
        if (deepest > depthMax) return deepest;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return deepest;
}

/** Index of the closing quote; long strings (base64 bodies) are skipped by a native search. */
function endOfString(body: Buffer, open: number): number {
  let close = body.indexOf(QUOTE, open + 1);
  while (close > 0) {
    let before = close - 1;
    while (body[before] === BACKSLASH) before--;
    if ((close - before) % 2 === 1) return close;
    close = body.indexOf(QUOTE, close + 1);
  }
  return body.length;
}
