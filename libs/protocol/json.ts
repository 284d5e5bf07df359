import { badRequest } from './errors.js';
import { JSON_VALUES_MAX } from './limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Parses a request body as JSON whatever its content type (protocol.md §14). Throws the protocol's 400 for an
 * empty body, malformed UTF-8 or JSON, and, before anything is built, for nesting deeper than `depthMax` and for more
 * than {@link JSON_VALUES_MAX} values: eleven megabytes of `{},` keep a process busy for seconds.
 */
export function parseJson(body: Buffer, depthMax: number): unknown {
  if (body.length === 0) throw badRequest('A JSON body is required');
  refuseWildGrowth(body, depthMax);
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

function refuseWildGrowth(body: Buffer, depthMax: number): void {
  const [opened, commas] = countsOf(body);
  if (opened <= depthMax && opened + commas <= JSON_VALUES_MAX) return;
  const { depth, values } = shapeOf(body, depthMax);
  if (depth > depthMax) throw badRequest('The JSON body is nested too deeply');
  if (values > JSON_VALUES_MAX) throw badRequest('The JSON body has too many values');
}

/** Opening brackets and commas, in strings or not: in most bodies there are few, and this is quick. */
function countsOf(body: Buffer): [opened: number, commas: number] {
  let opened = 0;
  let commas = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    // [ and { differ in one bit.
    if ((byte & 0xdf) === 0x5b) opened++;
    else if (byte === COMMA) commas++;
  }
  return [opened, commas];
}

/** What is outside of strings: nesting, and values as their brackets and commas tell. Stops where it is too much. */
function shapeOf(body: Buffer, depthMax: number): { depth: number; values: number } {
  let [depth, deepest, values] = [0, 0, 0];
  for (let at = 0; at < body.length && deepest <= depthMax && values <= JSON_VALUES_MAX; at++) {
    switch (body[at]) {
      case QUOTE:
        at = endOfString(body, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        values++;
        deepest = Math.max(deepest, ++depth);
        break;
      case COMMA:
        values++;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return { depth: deepest, values };
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
