import { CloseButton, TextInput } from '@mantine/core';
import { Icon } from './icon.jsx';

interface SearchFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      leftSection={<Icon name="search" />}
      rightSection={
        value !== '' && <CloseButton aria-label="Clear the search" onClick={() => onChange('')} />
      }
      spellCheck={false}
      className="search-field"
    />
  );
}
