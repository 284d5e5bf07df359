import { Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import { announce } from '../../api/messages.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';

export function AnnounceDialog({
  room,
  isOpen,
  onClose,
}: {
  room: string;
  isOpen: boolean;
  onClose(): void;
}) {
  const [text, setText] = useState('');
  const [isPinned, setPinned] = useState(false);
  const post = useAction<void>({
    run: () => announce(room, { text: text.trim(), ...(isPinned && { pin: true }) }),
    done: 'The announcement was posted',
    changes: [['messages', room]],
    isQuiet: true,
    onDone: () => {
      setText('');
      onClose();
    },
  });
  return (
    <FormDialog
      title="Post an announcement"
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={() => post.mutate()}
      submit="Post it"
      isReady={text.trim() !== ''}
      isBusy={post.isPending}
      error={post.error}
    >
      <Textarea
        label="Text"
        description="Everybody in the room reads it, under the name of the server."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={3}
        maxRows={12}
        maxLength={2_000}
        data-autofocus
        required
      />
      <Checkbox
        label="Pin it"
        checked={isPinned}
        onChange={(event) => setPinned(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
