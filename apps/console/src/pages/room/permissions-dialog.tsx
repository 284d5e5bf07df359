import { SimpleGrid, Text } from '@mantine/core';
import { useState } from 'react';
import { changeMember } from '../../api/rooms.js';
import type { Member, Permissions } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { endOf, LastingInput, type Lasting } from '../../parts/lasting.jsx';
import { shortId, wordsOf } from '../../parts/shown.js';
import { YesNo } from '../../parts/yes-no.jsx';
import { PERMISSION_NAMES } from './permissions-text.js';

export function PermissionsDialog({
  room,
  member,
  onClose,
}: {
  room: string;
  member: Member;
  onClose(): void;
}) {
  const { sessionId } = member;
  const [permissions, setPermissions] = useState<Permissions>(member.permissions);
  const [lasting, setLasting] = useState<Lasting>();
  const save = useAction<void>({
    run: () => {
      const until = endOf(lasting);
      return changeMember(room, sessionId, {
        permissions: changesOf(member, permissions),
        ...(until && { until }),
      });
    },
    done: `The permissions of ${shortId(sessionId)} were changed`,
    changes: [['members', room]],
    isQuiet: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title="Permissions"
      isOpen
      onClose={onClose}
      onSubmit={() => save.mutate()}
      submit="Save"
      isReady={lasting !== ''}
      isBusy={save.isPending}
      error={save.error}
    >
      <Text>
        What <code>{shortId(sessionId)}</code> may do here, whatever the room says.
      </Text>
      <SimpleGrid cols={2}>
        {PERMISSION_NAMES.map((name) => (
          <YesNo
            key={name}
            label={name === 'accessible' ? 'See the room' : wordsOf(name)}
            unset="As the room"
            value={permissions[name]}
            onChange={(value) => setPermissions({ ...permissions, [name]: value })}
          />
        ))}
      </SimpleGrid>
      <LastingInput label="Until" endless="Until somebody changes it" value={lasting} onChange={setLasting} />
    </FormDialog>
  );
}

/** Every permission that is other than before; null for one that the room decides again. */
function changesOf({ permissions: before }: Member, after: Permissions): Permissions {
  const changed = PERMISSION_NAMES.filter((name) => before[name] !== after[name]);
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}
