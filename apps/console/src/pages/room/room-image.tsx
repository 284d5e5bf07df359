import { Button, FileButton, Group, Text } from '@mantine/core';
import { removeRoomImage, setRoomImage } from '../../api/rooms.js';
import type { Room } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { RoomAvatar } from '../../parts/room-avatar.jsx';

export function RoomImage({ room }: { room: Room }) {
  const changes = [['rooms'], ['room', room.token]];
  const upload = useAction<File>({
    run: (file) => setRoomImage(room.token, file),
    done: 'The room has a new image',
    changes,
  });
  const remove = useAction<void>({
    run: () => removeRoomImage(room.token),
    done: 'The image was removed',
    changes,
  });
  return (
    <Card title="Image">
      <Group>
        <RoomAvatar room={room} />
        <FileButton
          accept="image/png,image/jpeg,image/gif,image/webp"
          onChange={(file) => file && upload.mutate(file)}
        >
          {(props) => (
            <Button {...props} variant="default" loading={upload.isPending}>
              {room.imageFileId === undefined ? 'Choose an image' : 'Choose another image'}
            </Button>
          )}
        </FileButton>
        {room.imageFileId !== undefined && (
          <Button variant="default" onClick={() => remove.mutate()} loading={remove.isPending}>
            Remove
          </Button>
        )}
        <Text size="sm" c="dimmed">
          A square picture works best.
        </Text>
      </Group>
    </Card>
  );
}
