import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createToken } from '../../api/access.js';
import type { NewToken } from '../../api/record-types.js';
import type { Role } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { endOf, LastingInput, type Lasting } from '../../parts/lasting.jsx';
import { listOf } from '../../parts/list-text.js';
import { SecretDialog } from '../../parts/secret-dialog.jsx';

export function NewTokenDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('moderator');
  const [rooms, setRooms] = useState('');
  const [lasting, setLasting] = useState<Lasting>();
  const create = useAction<void, NewToken>({
    run: () => {
      const expiresAt = endOf(lasting);
      const scope = listOf(rooms);
      return createToken({
        name: name.trim(),
        role,
        ...(scope.length > 0 && { rooms: scope }),
        ...(expiresAt && { expiresAt }),
      });
    },
    changes: [['tokens']],
    isQuiet: true,
  });
  if (create.data)
    return (
      <SecretDialog title="The token" secret={create.data.token} onClose={onClose}>
        Copy it now. It is stored as a hash only, and will never be shown again.
      </SecretDialog>
    );
  return (
    <FormDialog
      title="New token"
      isOpen
      onClose={onClose}
      onSubmit={() => create.mutate()}
      submit="Create the token"
      isReady={name.trim() !== '' && lasting !== ''}
      isBusy={create.isPending}
      error={create.error}
    >
      <TextInput
        label="Name"
        description="Stands in the log beside everything that is done with it."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={64}
        data-autofocus
        required
      />
      <NativeSelect
        label="Role"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={[
          { value: 'viewer', label: 'Viewer: reads everything' },
          { value: 'moderator', label: 'Moderator: deletes, bans, mutes, pins' },
          { value: 'admin', label: 'Admin: changes everything' },
        ]}
      />
      <TextInput
        label="Rooms"
        description="Tokens, with commas between them. None: the whole server."
        value={rooms}
        onChange={(event) => setRooms(event.currentTarget.value)}
        spellCheck={false}
      />
      <LastingInput label="Valid" value={lasting} onChange={setLasting} endless="Until it is revoked" />
    </FormDialog>
  );
}
