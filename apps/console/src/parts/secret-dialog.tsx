import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useRef, type ReactNode } from 'react';
import { CopyTextButton } from './copy-button.jsx';

interface SecretDialogProps {
  title: string;
  secret: string;
  children: ReactNode;
  onClose(): void;
}

/** Something that is shown once: it closes neither by a click beside it nor by Escape. */
export function SecretDialog({ title, secret, children, onClose }: SecretDialogProps) {
  const shown = useRef<HTMLPreElement & HTMLElement>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text>{children}</Text>
        <Code block className="secret" tabIndex={0} ref={shown}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyTextButton text={secret} shownIn={shown} />
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
