import { Text, Tooltip } from '@mantine/core';
import { relativeText } from './shown.js';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** How long ago or ahead; the exact time on hover and for screen readers that ask. */
export function Time({ at, none = '–' }: { at: string | undefined; none?: string }) {
  const date = at === undefined ? undefined : new Date(at);
  if (!date || Number.isNaN(date.getTime())) return <span>{none}</span>;
  return (
    <Tooltip label={exact.format(date)}>
      <time dateTime={at}>{relativeText(date, new Date())}</time>
    </Tooltip>
  );
}

/** When something ends: the day itself, since what is to come is planned by it, and how far ahead it is. */
export function EndTime({ at }: { at: string | undefined }) {
  if (at === undefined) return <span>never</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={exact.format(date)}>
      {day.format(date)}{' '}
      <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {relativeText(date, new Date())}
      </Text>
    </time>
  );
}

/** The time of day, with the day in front when it was another one. */
export function ClockTime({ at }: { at: string }) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={exact.format(date)}>
      {isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`}
    </time>
  );
}
