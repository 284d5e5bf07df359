const SHORT_ID_START = 6;
const SHORT_ID_END = 4;
const TONES = 8;

/** Whether it is somebody's: the server's own id begins with ff, and tokens have names. */
export const isSessionId = (text: string): boolean => /^(?:05|15|25)[0-9a-f]{64}$/.test(text);

/** `15ab12…9f3c` */
export const shortId = (sessionId: string): string =>
  sessionId.length <= SHORT_ID_START + SHORT_ID_END + 1
    ? sessionId
    : `${sessionId.slice(0, SHORT_ID_START)}…${sessionId.slice(-SHORT_ID_END)}`;

/** One of the tones of an avatar, always the same for the same text. */
export function toneOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + character.codePointAt(0)!) % 65_521;
  return hash % TONES;
}

/** The first letter or sign of a name, for an avatar. */
export const initialOf = (name: string): string => {
  const [first = '?'] = name.trim();
  return first.toLocaleUpperCase();
};

export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

export function bytesText(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < BYTE_UNITS.length - 1; unit++) value /= 1_000;
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${BYTE_UNITS[unit]}`;
}

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `5 minutes ago`, `in 3 days`, `just now`. What is to come is rounded, so that 30 days are not 29 at once. */
export function relativeText(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1_000;
  for (const [unit, size] of STEPS)
    if (Math.abs(seconds) >= size)
      return relative.format(seconds > 0 ? Math.round(seconds / size) : Math.trunc(seconds / size), unit);
  return 'just now';
}

/** `room.create`, `delete_posts`, `messageDeleted` → `Message deleted`. */
export function wordsOf(code: string): string {
  const words = code
    .replace(/[._:-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
