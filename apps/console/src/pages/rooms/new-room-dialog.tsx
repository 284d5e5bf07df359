import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { ApiProblem } from '../../api/problem.js';
import { createRoom } from '../../api/rooms.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { tokenFor } from './room-token.js';

export function NewRoomDialog({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const [name, setName] = useState('');
  const [ownToken, setOwnToken] = useState<string>();
  const [description, setDescription] = useState('');
  const [, navigate] = useLocation();
  const token = ownToken ?? tokenFor(name);
  const create = useAction<void, unknown>({
    run: () => createRoom({ token, name: name.trim(), ...(description.trim() !== '' && { description }) }),
    done: `The room ${token} is there`,
    changes: [['rooms']],
    isQuiet: true,
    onDone: () => {
      onClose();
      navigate(`/rooms/${token}/settings`);
    },
  });
  const errors = create.error instanceof ApiProblem ? create.error.fieldErrors : {};
  return (
    <FormDialog
      title="New room"
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={() => create.mutate()}
      submit="Create the room"
      isReady={name.trim() !== '' && token !== ''}
      isBusy={create.isPending}
      error={create.error}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors['name']}
        maxLength={200}
        data-autofocus
        required
      />
      <TextInput
        label="Token"
        description="In the join link, and for ever: letters, digits, - and _."
        value={token}
        onChange={(event) => setOwnToken(event.currentTarget.value)}
        error={errors['token']}
        maxLength={64}
        spellCheck={false}
        required
      />
      <Textarea
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        error={errors['description']}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4_000}
      />
    </FormDialog>
  );
}
