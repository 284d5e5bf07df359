import { parseTarget } from './wire.js';

export type OnionVersion = 3 | 4;

/** Where onions are sent to, and of which version they are there (protocol.md §10). */
const VERSIONS: ReadonlyMap<string, OnionVersion> = new Map([
  ['/oxen/v4/lsrpc', 4],
  ['/oxen/v3/lsrpc', 3],
  ['/loki/v3/lsrpc', 3],
]);

export const ONION_PATHS = [...VERSIONS.keys()] as readonly `/${string}`[];

/**
 * The version of the onion that this HTTP request carries, if it carries one. Whoever admits requests and whoever
 * answers them both ask here, so that no way to write a target is an onion to one and none to the other.
 */
export function onionVersionOf({
  method,
  url = '',
}: {
  method?: string | undefined;
  url?: string | undefined;
}): OnionVersion | undefined {
  if (method !== 'POST') return undefined;
  return VERSIONS.get(url) ?? VERSIONS.get(pathOf(url));
}

/** Empty for a target that is refused with 400. */
function pathOf(url: string): string {
  try {
    return parseTarget(url).path;
  } catch {
    return '';
  }
}
