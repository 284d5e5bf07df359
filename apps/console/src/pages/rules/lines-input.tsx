import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { linesOf } from '../../parts/list-text.js';

interface LinesInputProps {
  label: string;
  description?: string;
  value: readonly string[];
  onChange(lines: string[]): void;
  rows?: number;
}

/** A list with one entry per line; keeps what is being typed, empty lines too, until something else is shown. */
export function LinesInput({ label, description, value, onChange, rows = 5 }: LinesInputProps) {
  const [text, setText] = useState(value.join('\n'));
  const shown = linesOf(text).join('\n') === value.join('\n') ? text : value.join('\n');
  return (
    <Textarea
      label={label}
      description={description}
      value={shown}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(linesOf(event.currentTarget.value));
      }}
      autosize
      minRows={rows}
      maxRows={16}
      spellCheck={false}
      classNames={{ input: 'code-input' }}
    />
  );
}
