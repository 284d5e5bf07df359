import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { IconName } from './icon.jsx';
import { Icon } from './icon.jsx';
import { FormDialog } from './form-dialog.jsx';
import { useAction } from './action.js';

interface ConfirmButtonProps {
  label: string;
  icon?: IconName;
  /** Said to screen readers instead of the label, where there are many of these. */
  about?: string;
  title: string;
  /** What will happen. */
  children: ReactNode;
  run(): Promise<unknown>;
  done: string;
  changes: readonly (readonly unknown[])[];
  onDone?(): void;
  size?: 'xs' | 'sm';
}

/** Asks once more before it does what cannot be undone. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, icon, about, title, children, run, done, changes, onDone, size = 'xs' } = props;
  const [isOpen, dialog] = useDisclosure();
  const action = useAction<void, unknown>({
    run,
    done,
    changes,
    isQuiet: true,
    onDone: () => {
      dialog.close();
      onDone?.();
    },
  });
  return (
    <>
      <Button
        size={size}
        variant="default"
        leftSection={icon && <Icon name={icon} size={16} />}
        aria-label={about === undefined ? undefined : `${label}: ${about}`}
        onClick={() => {
          action.reset();
          dialog.open();
        }}
      >
        {label}
      </Button>
      <FormDialog
        title={title}
        isOpen={isOpen}
        onClose={dialog.close}
        onSubmit={() => action.mutate()}
        submit={label}
        isDanger
        isBusy={action.isPending}
        error={action.error}
      >
        <Text component="div">{children}</Text>
      </FormDialog>
    </>
  );
}
