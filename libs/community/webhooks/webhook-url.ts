import { isIP } from 'node:net';
import { isPublicAddress } from './public-addresses.js';

export const URL_LENGTH_MAX = 2_000;
/** Names that stand for this machine or this network, whatever a resolver says. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan)\.?$/;

/**
 * Where a webhook may point to; what is wrong with it otherwise. What a name leads to is looked at when something is
 * sent there, since it may change. With `privateAddresses` networks of one's own are allowed, and http.
 */
export function webhookUrlProblem(
  text: string,
  { privateAddresses }: { privateAddresses: boolean },
): string | undefined {
  if (text.length > URL_LENGTH_MAX) return `it has more than ${URL_LENGTH_MAX} characters`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'it is no address that begins with https://';
  if (url.username !== '' || url.password !== '') return 'it has a user name or password in it';
  if (url.hash !== '') return 'it has a part behind #, which is never sent';
  if (privateAddresses) return undefined;
  if (url.protocol === 'http:') return 'it is not encrypted (https://)';
  const host = hostOf(url);
  const isLocal = isIP(host) === 0 ? LOCAL_NAME.test(host) : !isPublicAddress(host);
  return isLocal ? 'it is not on the Internet (see WEBHOOK_PRIVATE_ADDRESSES)' : undefined;
}

/** Without the brackets around an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');
