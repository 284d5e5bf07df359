import { Text } from '@mantine/core';
import { deleteMessages } from '../../api/messages.js';
import type { Message } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { BanDialog } from '../people/ban-dialog.jsx';
import { MessageBody } from './message-body.jsx';

export interface FeedDialog {
  kind: 'delete' | 'ban' | 'mute';
  message: Message;
}

interface FeedDialogsProps {
  room: string;
  dialog: FeedDialog | undefined;
  onClose(): void;
}

export function FeedDialogs({ room, dialog, onClose }: FeedDialogsProps) {
  if (!dialog) return null;
  const { kind, message } = dialog;
  if (kind === 'delete') return <DeleteDialog room={room} message={message} onClose={onClose} />;
  return <BanDialog kind={kind} sessionId={message.sessionId} room={room} onClose={onClose} />;
}

function DeleteDialog({ room, message, onClose }: { room: string; message: Message; onClose(): void }) {
  const remove = useAction<void>({
    run: () => deleteMessages(room, [message.id]),
    done: 'The message was deleted',
    changes: [['messages', room]],
    isQuiet: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title="Delete this message?"
      isOpen
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      submit="Delete"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
    >
      <div className="message-preview">
        <MessageBody message={message} />
      </div>
      <Text size="sm" c="dimmed">
        It is gone for everybody, with its files.
      </Text>
    </FormDialog>
  );
}
