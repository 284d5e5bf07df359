import { Button, Group, Text } from '@mantine/core';
import { DELETED_AT_ONCE_MAX, deleteMessages } from '../../api/messages.js';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import { counted } from '../../parts/shown.js';

export function SelectionBar({
  room,
  ids,
  onDone,
}: {
  room: string;
  ids: readonly number[];
  onDone(): void;
}) {
  const what = counted(ids.length, 'message', 'messages');
  return (
    <Group className="selection-bar" justify="space-between" gap="sm">
      <Text size="sm" fw={600} role="status">
        {what} selected
      </Text>
      <Group gap="sm">
        <Button size="xs" variant="subtle" onClick={onDone}>
          Clear
        </Button>
        <ConfirmButton
          label="Delete"
          icon="trash"
          about={what}
          title={`Delete ${what}?`}
          run={() => deleteAll(room, ids)}
          done={`${what} deleted`}
          changes={[['messages', room]]}
          onDone={onDone}
        >
          They are gone for everybody, with their files.
        </ConfirmButton>
      </Group>
    </Group>
  );
}

async function deleteAll(room: string, ids: readonly number[]): Promise<void> {
  for (let index = 0; index < ids.length; index += DELETED_AT_ONCE_MAX)
    await deleteMessages(room, ids.slice(index, index + DELETED_AT_ONCE_MAX));
}
