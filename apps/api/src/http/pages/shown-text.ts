const NAME_CODE_POINTS_MAX = 64;

/** The first `most` code points, with an ellipsis if there was more. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  let count = 0;
  for (const character of text) {
    if (count++ === most) return `${text.slice(0, end)}…`;
    end += character.length;
  }
  return text;
}

/** A name on one line, of a length that fits; undefined when nothing of it would be seen. */
export function nameText(text: string | undefined): string | undefined {
  const name = cut((text ?? '').replace(/\s+/g, ' ').trim(), NAME_CODE_POINTS_MAX);
  return name === '' ? undefined : name;
}

/** Enough of an id to tell people of one name apart: `15ab3c…9f2e`. */
export const shortId = (id: string): string => `${id.slice(0, 6)}…${id.slice(-4)}`;

/** The letter that stands for something without an image. */
export const initialOf = (name: string): string => {
  const [first = '?'] = name.match(/[\p{L}\p{N}]/u) ?? [...name];
  return first.toLocaleUpperCase('en');
};

const TONES = 8;

/** One of eight colours (palette.css), always the same for the same text. */
export function toneOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)!) % 65_521;
  return sum % TONES;
}

/** `1 active member`, `12 active members`. */
export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** `7 days`, `36 hours`, `less than an hour`. */
export function spanText(seconds: number): string {
  if (seconds >= 2 * DAY_SECONDS) return `${Math.round(seconds / DAY_SECONDS)} days`;
  if (seconds >= HOUR_SECONDS) return counted(Math.round(seconds / HOUR_SECONDS), 'hour', 'hours');
  return 'less than an hour';
}

const TIME_FORMAT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** For machines and for people (UTC); undefined for a time that no calendar has. */
export function timeTexts(unixSeconds: number): { iso: string; shown: string } | undefined {
  const time = new Date(unixSeconds * 1000);
  if (Number.isNaN(time.getTime())) return undefined;
  return { iso: time.toISOString(), shown: `${TIME_FORMAT.format(time)} UTC` };
}
