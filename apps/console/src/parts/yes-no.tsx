import { NativeSelect } from '@mantine/core';

interface YesNoProps {
  label: string;
  description?: string;
  value: boolean | undefined;
  onChange(value: boolean | undefined): void;
  /** What no choice means. */
  unset: string;
  isDisabled?: boolean;
}

/** A switch that may also be left alone. */
export function YesNo({ label, description, value, onChange, unset, isDisabled }: YesNoProps) {
  return (
    <NativeSelect
      label={label}
      description={description}
      disabled={isDisabled}
      value={value === undefined ? '' : String(value)}
      onChange={(event) => {
        const { value: text } = event.currentTarget;
        onChange(text === '' ? undefined : text === 'true');
      }}
      data={[
        { value: '', label: unset },
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ]}
    />
  );
}
