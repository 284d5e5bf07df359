import { networkInterfaces } from 'node:os';

/** PUBLIC_URL, or else an address of this machine: clients do not take "localhost" in a join link. */
export function publicOrigin({ publicUrl }: { publicUrl: string | undefined }, port: number): string {
  if (publicUrl !== undefined) return publicUrl;
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return `http://${outside?.address ?? '127.0.0.1'}:${port}`;
}

/** What a client is given to join a room (protocol.md §1). */
export const joinLink = (origin: string, token: string, publicKeyHex: string): string =>
  `${origin}/${token}?public_key=${publicKeyHex}`;
