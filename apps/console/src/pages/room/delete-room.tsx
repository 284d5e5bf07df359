import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { deleteRoom } from '../../api/rooms.js';
import type { Room } from '../../api/types.js';
import { tell } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { useConfirmedAction } from '../../parts/confirmed-action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Failure } from '../../parts/states.jsx';
import { SummaryList } from '../../parts/summary-list.jsx';
import { forgetUnsaved } from '../../parts/unsaved-changes.js';

/**
 * In two steps, as the API wants it: the first call is refused with a summary of what would be gone, the second one
 * carries its confirmation and is made when the token of the room was typed.
 */
export function DeleteRoom({ room, etag }: { room: Room; etag: string | undefined }) {
  const [, navigate] = useLocation();
  const { act, isBusy, error, asked, drop } = useConfirmedAction({
    run: (confirmationToken) => deleteRoom(room.token, { ifMatch: etag, confirmationToken }),
    changes: [['rooms']],
    onDone: () => {
      tell(`The room ${room.token} was deleted`);
      forgetUnsaved();
      navigate('/rooms');
    },
  });
  return (
    <Card
      title="Delete the room"
      note="Its messages, files, pins and permissions go with it. This cannot be undone."
    >
      <Failure error={asked ? undefined : error} />
      <Button color="red" variant="outline" onClick={act} loading={isBusy} mt="xs">
        Delete the room …
      </Button>
      {asked && (
        <DeleteDialog
          room={room}
          summary={asked.summary}
          onClose={drop}
          onConfirm={act}
          isBusy={isBusy}
          error={error}
        />
      )}
    </Card>
  );
}

interface DeleteDialogProps {
  room: Room;
  summary: unknown;
  onClose(): void;
  onConfirm(): void;
  isBusy: boolean;
  error: unknown;
}

function DeleteDialog({ room, summary, onClose, onConfirm, isBusy, error }: DeleteDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title="Delete this room?"
      isOpen
      onClose={onClose}
      onSubmit={onConfirm}
      submit="Delete for ever"
      isDanger
      isReady={typed.trim() === room.token}
      isBusy={isBusy}
      error={error}
    >
      <SummaryList summary={summary} />
      <TextInput
        label={
          <>
            Type <code>{room.token}</code> to confirm
          </>
        }
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
    </FormDialog>
  );
}
