import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { setRoles, type GivenRole } from '../../api/people.js';
import type { UserDetail } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { shortId } from '../../parts/shown.js';
import { useMay, useSession } from '../../session/session.js';

const ROLES = [
  { value: 'none', label: 'No role' },
  { value: 'moderator', label: 'Moderator' },
  { value: 'admin', label: 'Admin' },
];

/** Where somebody moderates. A choice counts when it is saved: one key changes it. */
export function RolesCard({ user }: { user: UserDetail }) {
  const may = useMay();
  const { sessionId, roles } = user;
  const rooms = Object.entries(roles.rooms);
  const change = useAction<Parameters<typeof setRoles>[1]>({
    run: (input) => setRoles(sessionId, input),
    done: `The roles of ${shortId(sessionId)} were changed`,
    changes: [['user', sessionId], ['users'], ['members']],
  });
  return (
    <Card title="Roles">
      <Stack gap="sm">
        <RoleChoice
          label="In the whole server"
          role={roles.global ?? 'none'}
          isAllowed={may('admin')}
          isBusy={change.isPending}
          onSave={(global) => change.mutate({ global })}
        />
        {rooms.map(([room, role]) => (
          <RoleChoice
            key={room}
            label={`In ${room}`}
            role={role}
            isAllowed={may('admin', room)}
            isBusy={change.isPending}
            onSave={(given) => change.mutate({ rooms: { [room]: given } })}
          />
        ))}
        <NewRole
          isBusy={change.isPending}
          onAdd={(room, role) => change.mutate({ rooms: { [room]: role } })}
        />
      </Stack>
    </Card>
  );
}

interface RoleChoiceProps {
  label: string;
  role: GivenRole;
  isAllowed: boolean;
  isBusy: boolean;
  onSave(role: GivenRole): void;
}

function RoleChoice({ label, role, isAllowed, isBusy, onSave }: RoleChoiceProps) {
  const [chosen, setChosen] = useState<GivenRole>();
  const isChanged = chosen !== undefined && chosen !== role;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) onSave(chosen);
      }}
    >
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label={label}
          value={chosen ?? role}
          disabled={!isAllowed || isBusy}
          onChange={(event) => setChosen(event.currentTarget.value as GivenRole)}
          data={ROLES}
          flex={1}
        />
        {isChanged && (
          <Button type="submit" loading={isBusy} aria-label={`Save: ${label}`}>
            Save
          </Button>
        )}
      </Group>
    </form>
  );
}

function NewRole({ isBusy, onAdd }: { isBusy: boolean; onAdd(room: string, role: GivenRole): void }) {
  const may = useMay();
  const { roles } = useSession();
  const [room, setRoom] = useState('');
  const isAllowed = may('admin') || Object.values(roles.rooms).includes('admin');
  if (!isAllowed) return <Text c="dimmed">Only an admin gives and takes roles.</Text>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (room.trim() !== '') onAdd(room.trim(), 'moderator');
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label="Make moderator of a room"
          placeholder="Token of the room"
          value={room}
          onChange={(event) => setRoom(event.currentTarget.value)}
          spellCheck={false}
          flex={1}
        />
        <Button type="submit" variant="default" disabled={room.trim() === ''} loading={isBusy}>
          Add
        </Button>
      </Group>
    </form>
  );
}
