import { Button, type ButtonProps } from '@mantine/core';
import { useState, type RefObject } from 'react';
import { tell } from './action.js';

interface CopyTextButtonProps {
  text: string;
  /** Where it is to be seen. */
  shownIn: RefObject<HTMLElement | null>;
  label?: string;
  size?: ButtonProps['size'];
}

/** Over plain HTTP a page may not write to the clipboard: then the text is selected, so that a key copies it. */
export function CopyTextButton({ text, shownIn, label = 'Copy', size }: CopyTextButtonProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      if (shownIn.current) window.getSelection()?.selectAllChildren(shownIn.current);
      tell('The text is selected: copy it with Ctrl-C');
    }
  };
  return (
    <Button variant="default" size={size} onClick={() => void copy()} flex="none">
      {isCopied ? 'Copied' : label}
    </Button>
  );
}
