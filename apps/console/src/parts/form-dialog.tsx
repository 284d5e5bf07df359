import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { Failure } from './states.jsx';

interface FormDialogProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  onSubmit(): void;
  submit: string;
  /** It destroys something. */
  isDanger?: boolean;
  isReady?: boolean;
  isBusy?: boolean;
  error?: unknown;
  children: ReactNode;
}

/** Asks for what an action needs, does it, and stays open with the reason when it fails. */
export function FormDialog(props: FormDialogProps) {
  const {
    title,
    isOpen,
    onClose,
    onSubmit,
    submit,
    isDanger,
    isReady = true,
    isBusy,
    error,
    children,
  } = props;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    // React would tell a form around the dialog in the tree, too.
    event.stopPropagation();
    if (isReady && !isBusy) onSubmit();
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={send} noValidate>
        <Stack>
          {children}
          <Failure error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={isDanger ? 'red' : undefined} disabled={!isReady} loading={isBusy}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
