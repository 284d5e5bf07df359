import { Button, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { ApiProblem, type ProblemBody } from '../../api/problem.js';
import { deleteRoom } from '../../api/rooms.js';
import type { Room } from '../../api/types.js';
import { tell, useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Failure } from '../../parts/states.jsx';
import { SummaryList } from '../../parts/summary-list.jsx';

/**
 * In two steps, as the API wants it: the first call is refused with a summary of what would be gone, the second one
 * carries its confirmation and is made when the token of the room was typed.
 */
export function DeleteRoom({ room, etag }: { room: Room; etag: string | undefined }) {
  const [summary, setSummary] = useState<ProblemBody>();
  const [isOpen, dialog] = useDisclosure();
  const [, navigate] = useLocation();
  const gone = (): void => {
    dialog.close();
    tell(`The room ${room.token} was deleted`);
    navigate('/rooms');
  };
  const prepare = useAction<void>({
    run: async () => {
      try {
        await deleteRoom(room.token, { ifMatch: etag });
        gone();
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.kind !== 'confirmation-required') throw error;
        setSummary(error.body);
        dialog.open();
      }
    },
    changes: [],
    isQuiet: true,
  });
  const destroy = useAction<void>({
    run: () => deleteRoom(room.token, { ifMatch: etag, confirmationToken: summary?.confirmationToken }),
    changes: [['rooms']],
    isQuiet: true,
    onDone: gone,
  });
  return (
    <Card
      title="Delete the room"
      note="Its messages, files, pins and permissions go with it. This cannot be undone."
    >
      <Failure error={prepare.error} />
      <Button
        color="red"
        variant="outline"
        onClick={() => prepare.mutate()}
        loading={prepare.isPending}
        mt="xs"
      >
        Delete the room …
      </Button>
      <DeleteDialog
        room={room}
        summary={summary}
        isOpen={isOpen}
        onClose={dialog.close}
        onConfirm={() => destroy.mutate()}
        isBusy={destroy.isPending}
        error={destroy.error}
      />
    </Card>
  );
}

interface DeleteDialogProps {
  room: Room;
  summary: ProblemBody | undefined;
  isOpen: boolean;
  onClose(): void;
  onConfirm(): void;
  isBusy: boolean;
  error: unknown;
}

function DeleteDialog({ room, summary, isOpen, onClose, onConfirm, isBusy, error }: DeleteDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title="Delete this room?"
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={onConfirm}
      submit="Delete for ever"
      isDanger
      isReady={typed.trim() === room.token}
      isBusy={isBusy}
      error={error}
    >
      <SummaryList summary={summary?.summary} />
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
