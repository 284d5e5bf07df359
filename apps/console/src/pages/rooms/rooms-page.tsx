import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'wouter';
import { listRooms } from '../../api/rooms.js';
import type { Room } from '../../api/types.js';
import { Card } from '../../parts/card.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { RoomAvatar } from '../../parts/room-avatar.jsx';
import { SearchField } from '../../parts/search-field.jsx';
import { useSettled } from '../../parts/settled.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';
import { NewRoomDialog } from './new-room-dialog.jsx';

export function RoomsPage() {
  const may = useMay();
  const [isOpen, dialog] = useDisclosure();
  const [search, setSearch] = useState('');
  const asked = useSettled(search);
  return (
    <>
      <PageHead title="Rooms" note="Open a room to read along and to change it.">
        {may('admin') && (
          <Button onClick={dialog.open} leftSection={<Icon name="plus" />}>
            New room
          </Button>
        )}
      </PageHead>
      <div className="toolbar">
        <SearchField label="Find a room by name or token" value={search} onChange={setSearch} />
      </div>
      <Card isFlush>
        <PagedTable
          label="Rooms"
          queryKey={['rooms', 'list', asked]}
          load={(cursor) => listRooms({ search: asked, cursor })}
          columns={COLUMNS}
          keyOf={({ token }) => token}
          empty={
            asked === '' ? (
              <EmptyState title="No rooms yet">
                {may('admin')
                  ? 'Make the first one; its join link can be shared at once.'
                  : 'There is none that you may see.'}
              </EmptyState>
            ) : (
              <EmptyState title="No such room">None has this in its name or its token.</EmptyState>
            )
          }
        />
      </Card>
      {may('admin') && <NewRoomDialog isOpen={isOpen} onClose={dialog.close} />}
    </>
  );
}

const COLUMNS: readonly Column<Room>[] = [
  {
    header: 'Room',
    cell: (room) => (
      <Group gap="sm" wrap="nowrap">
        <RoomAvatar room={room} />
        <div>
          <Link href={`/rooms/${room.token}`} className="row-link">
            <bdi>{room.name}</bdi>
          </Link>
          <Text size="sm" c="dimmed">
            {room.token}
          </Text>
        </div>
      </Group>
    ),
  },
  { header: 'Access', cell: ({ defaults }) => <AccessBadge {...defaults} /> },
  { header: 'Active', isNumeric: true, cell: ({ activeUsers }) => activeUsers.toLocaleString('en') },
  { header: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function AccessBadge({ read, write, accessible }: Room['defaults']) {
  if (!accessible) return <Badge color="gray">Hidden</Badge>;
  if (!read) return <Badge color="gray">Closed</Badge>;
  return write ? <Badge>Open</Badge> : <Badge color="yellow">Read only</Badge>;
}
