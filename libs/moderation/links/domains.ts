import { domainToASCII } from 'node:url';

/** The longest domain name there can be (RFC 1035), in ASCII. */
export const DOMAIN_LENGTH_MAX = 253;

const DOMAIN_LETTERS = /^[\p{L}\p{M}\p{N}._-]+$/u;
const ASCII_DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** A host's name in lower case and punycode; undefined when it is none. `name` is lower-case. */
export function asciiDomain(name: string): string | undefined {
  if (name.length > DOMAIN_LENGTH_MAX) return undefined;
  if (ASCII_DOMAIN.test(name)) return name;
  if (!DOMAIN_LETTERS.test(name)) return undefined;
  const ascii = domainToASCII(name);
  return ASCII_DOMAIN.test(ascii) ? ascii : undefined;
}

/** A domain of a list of links: `example.com`, `bücher.example`, or a whole end such as `zip`; undefined when it is none. */
export const parseDomain = (text: string): string | undefined => asciiDomain(text.trim().toLowerCase());

/** Domains with everything under them. */
export class DomainSet {
  private readonly domains: ReadonlySet<string>;
  /** No longer name needs to be looked up. */
  private readonly labelsMax: number;

  /** `domains` come from {@link parseDomain}; others are left out. */
  constructor(domains: readonly string[] = []) {
    this.domains = new Set(domains.flatMap((domain) => parseDomain(domain) ?? []));
    this.labelsMax = Math.max(0, ...[...this.domains].map((domain) => domain.split('.').length));
  }

  /** The listed domain that `host` (from {@link asciiDomain}) is or lies under, the shortest first; undefined if none. */
  find(host: string): string | undefined {
    let at = host.length;
    for (let labels = 0; labels < this.labelsMax && at > 0; labels++) {
      at = host.lastIndexOf('.', at - 1);
      const end = host.slice(at + 1);
      if (this.domains.has(end)) return end;
    }
    return undefined;
  }
}
