import { NativeSelect, TextInput } from '@mantine/core';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPANS = [
  ['For an hour', HOUR_MS],
  ['For a day', DAY_MS],
  ['For a week', 7 * DAY_MS],
  ['For 30 days', 30 * DAY_MS],
  ['For a year', 365 * DAY_MS],
] as const;

/** For how long: a span in milliseconds, a moment (as its input has it), or without end. */
export type Lasting = number | string | undefined;

/** The moment at which it ends, as the API takes it. */
export function endOf(lasting: Lasting, now = Date.now()): string | undefined {
  if (lasting === undefined || lasting === '') return undefined;
  return new Date(typeof lasting === 'number' ? now + lasting : lasting).toISOString();
}

interface LastingInputProps {
  label: string;
  value: Lasting;
  onChange(value: Lasting): void;
  /** What no end is called. */
  endless?: string;
}

export function LastingInput({ label, value, onChange, endless = 'For ever' }: LastingInputProps) {
  const isMoment = typeof value === 'string';
  return (
    <>
      <NativeSelect
        label={label}
        value={isMoment ? 'moment' : String(value ?? '')}
        onChange={(event) => {
          const { value: text } = event.currentTarget;
          onChange(text === 'moment' ? '' : text === '' ? undefined : Number(text));
        }}
        data={[
          { value: '', label: endless },
          ...SPANS.map(([text, span]) => ({ value: String(span), label: text })),
          { value: 'moment', label: 'Until …' },
        ]}
      />
      {isMoment && (
        <TextInput
          type="datetime-local"
          label="Until"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          required
        />
      )}
    </>
  );
}
