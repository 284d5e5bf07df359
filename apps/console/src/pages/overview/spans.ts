const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const SPANS = {
  day: { label: '24 hours', lengthMs: DAY_MS, step: 'hour' },
  week: { label: '7 days', lengthMs: 7 * DAY_MS, step: 'hour' },
  month: { label: '30 days', lengthMs: 30 * DAY_MS, step: 'day' },
  quarter: { label: '90 days', lengthMs: 90 * DAY_MS, step: 'day' },
} as const;

export type SpanName = keyof typeof SPANS;
export type Step = 'hour' | 'day';

export const stepMs = (step: Step): number => (step === 'hour' ? HOUR_MS : DAY_MS);

/** The last so many whole steps and the one that is under way. */
export function windowOf(span: SpanName, now: Date): { from: string; to: string; step: Step } {
  const { lengthMs, step } = SPANS[span];
  const end = Math.ceil(now.getTime() / stepMs(step)) * stepMs(step);
  return { from: new Date(end - lengthMs).toISOString(), to: new Date(end).toISOString(), step };
}
