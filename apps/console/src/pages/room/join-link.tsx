import { Code, Group } from '@mantine/core';
import { useRef } from 'react';
import { CopyTextButton } from '../../parts/copy-button.jsx';

/** What is given to people who should come here. */
export function JoinLink({ link }: { link: string }) {
  const shown = useRef<HTMLElement>(null);
  return (
    <Group gap="sm" mb="md">
      <Code ref={shown} className="wrap-anywhere">
        {link}
      </Code>
      <CopyTextButton text={link} shownIn={shown} label="Copy the join link" />
    </Group>
  );
}
