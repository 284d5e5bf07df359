import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listModerators } from '../../api/people.js';
import type { Moderator } from '../../api/types.js';
import { Card } from '../../parts/card.jsx';
import { DataTable, type Column } from '../../parts/data-table.jsx';
import { Person } from '../../parts/person.jsx';
import { EmptyState, Loaded } from '../../parts/states.jsx';

/** Who looks after the room. Roles are given on the page of a user. */
export function ModeratorsCard({ room }: { room: string }) {
  const query = useQuery({ queryKey: ['moderators', room], queryFn: () => listModerators(room) });
  return (
    <div className="below">
      <Card title="Moderators and admins" note="Roles are given and taken on the page of a user." isFlush>
        <Loaded query={query} rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title="Nobody">
                The room is looked after by tokens and the command line alone.
              </EmptyState>
            ) : (
              <DataTable
                label="Moderators and admins"
                items={items}
                columns={COLUMNS}
                keyOf={({ sessionId, room: where }) => `${sessionId} ${where}`}
              />
            )
          }
        </Loaded>
      </Card>
    </div>
  );
}

const COLUMNS: readonly Column<Moderator>[] = [
  { header: 'Person', cell: ({ sessionId }) => <Person sessionId={sessionId} /> },
  { header: 'Role', cell: ({ role }) => <Badge>{role}</Badge> },
  { header: 'Where', cell: ({ room }) => (room === undefined ? 'In the whole server' : 'In this room') },
  { header: 'Shown to members', cell: ({ isVisible }) => (isVisible ? 'Yes' : 'No') },
];
