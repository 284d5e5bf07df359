import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

/** How the text of an environment variable becomes a value. */
export interface SettingKind<T> {
  /** Completes "expected …". */
  readonly expected: string;
  /** Undefined when the text is not of this kind. `text` is trimmed and not empty. */
  parse(text: string, context: ParseContext): T | undefined;
}

export interface ParseContext {
  /** Absolute folder that relative paths start from. */
  readonly cwd: string;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const DURATION_UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

export const integer = (bounds: Bounds): SettingKind<number> => ({
  expected: `a whole number from ${bounds.min} to ${bounds.max}`,
  parse: (text) => (/^\d{1,15}$/.test(text) ? within(Number(text), bounds) : undefined),
});

export const fraction: SettingKind<number> = {
  expected: 'a number from 0 to 1, such as 0.1',
  parse: (text) => (/^\d(?:\.\d{1,9})?$/.test(text) ? within(Number(text), { min: 0, max: 1 }) : undefined),
};

/** `auto`: one for each processor that this process may use. */
export const processCount = (bounds: Bounds): SettingKind<number> => ({
  expected: `a whole number from ${bounds.min} to ${bounds.max}, or auto`,
  parse: (text, context) =>
    text.toLowerCase() === 'auto'
      ? Math.min(availableParallelism(), bounds.max)
      : integer(bounds).parse(text, context),
});

/** Bytes: `1048576`, `11MiB`, `10MB`, `64KiB`, `16kB`; upper and lower case are the same. */
export const size = (bounds: Bounds): SettingKind<number> => ({
  expected: `a size from ${formatSize(bounds.min)} to ${formatSize(bounds.max)}, as bytes or like 64KiB, 10MB, 11MiB`,
  parse: (text) => within(withUnit(text, SIZE_UNITS), bounds),
});

/** Seconds: `90`, `16s`, `30m`, `12h`, `15d`. */
export const duration = (bounds: Bounds): SettingKind<number> => ({
  expected: `a duration from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}, as seconds or like 16s, 30m, 12h, 15d`,
  parse: (text) => within(withUnit(text, DURATION_UNITS), bounds),
});

export const boolean: SettingKind<boolean> = {
  expected: 'true or false (also yes/no, on/off, 1/0)',
  parse: (text) => {
    const key = text.toLowerCase();
    return Object.hasOwn(BOOLEANS, key) ? BOOLEANS[key] : undefined;
  },
};

export const oneOf = <const T extends string>(choices: readonly T[]): SettingKind<T> => ({
  expected: `one of ${choices.join(', ')}`,
  parse: (text) => choices.find((choice) => choice === text.toLowerCase()),
});

/** A path; relative ones start from the folder that the program was started in. */
export const path: SettingKind<string> = {
  expected: 'a path',
  parse: (text, { cwd }) => (text.includes('\0') ? undefined : resolve(cwd, text)),
};

export const listenAddress: SettingKind<string> = {
  expected: 'an IP address or a host name to listen on, such as 0.0.0.0, 127.0.0.1 or ::',
  parse: (text) => (/^[A-Za-z0-9.:_%-]{1,255}$/.test(text) ? text : undefined),
};

/** An `http(s)://host[:port]`; a trailing slash is taken off. */
export const httpOrigin: SettingKind<string> = {
  expected:
    'an http:// or https:// address without path, query, fragment or password, such as https://chat.example',
  parse: (text) => {
    if (!/^https?:\/\/[^/?#@\s\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
    return new URL(text).origin;
  },
};

/** An `http(s)://host[:port][/path]`; a trailing slash is taken off. */
export const httpUrl: SettingKind<string> = {
  expected: 'an http:// or https:// address without query, fragment or password',
  parse: (text) =>
    /^https?:\/\/[^/?#@\s\\]+(?:\/[^?#@\s\\]*)?$/i.test(text) && URL.canParse(text)
      ? new URL(text).href.replace(/\/+$/, '')
      : undefined,
};

export const regionName: SettingKind<string> = {
  expected: 'the name of a region, such as eu-central-1',
  parse: (text) => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? text : undefined),
};

/** A key or token that goes into a header. */
export const credential: SettingKind<string> = {
  expected: 'printable characters without spaces',
  parse: (text) => (/^[\x21-\x7e]{1,8192}$/.test(text) ? text : undefined),
};

export const password: SettingKind<string> = {
  expected: 'a password on one line',
  parse: (text) => (/^[^\0\r\n]{1,8192}$/.test(text) ? text : undefined),
};

/** PostgreSQL's own URL rules are wider than WHATWG's (several hosts, none for a socket): the driver judges the rest. */
export const postgresUrl: SettingKind<string> = {
  expected: 'a postgres:// or postgresql:// address',
  parse: (text) => (/^postgres(?:ql)?:\/\/\S+$/.test(text) ? text : undefined),
};

export const redisUrl: SettingKind<string> = {
  expected: 'a redis:// or rediss:// address',
  parse: (text) => (/^rediss?:\/\/[^\s/]\S*$/.test(text) && URL.canParse(text) ? text : undefined),
};

/** The shortest spelling that {@link size} reads back. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0';
  const spellings = [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
    ['GB', 1000 ** 3],
    ['MB', 1000 ** 2],
  ] as const;
  const exact = spellings
    .filter(([, factor]) => bytes % factor === 0)
    .map(([unit, factor]) => `${bytes / factor}${unit}`);
  return exact.toSorted((one, other) => one.length - other.length)[0] ?? String(bytes);
}

/** The shortest spelling that {@link duration} reads back. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return '0';
  for (const [unit, factor] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds % factor === 0) return `${seconds / factor}${unit}`;
  }
  return `${seconds}s`;
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,15}) ?([A-Za-z]*)$/.exec(text);
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (!match || !Object.hasOwn(units, unit)) return undefined;
  return Number(match[1]) * units[unit]!;
}

function within(value: number | undefined, { min, max }: Bounds): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
