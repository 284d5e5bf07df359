import { Badge, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { listUsers } from '../../api/people.js';
import type { UserSummary } from '../../api/types.js';
import { Card } from '../../parts/card.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { Person } from '../../parts/person.jsx';
import { SearchField } from '../../parts/search-field.jsx';
import { useSettled } from '../../parts/settled.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';

export function UsersPage() {
  const [search, setSearch] = useState('');
  const prefix = useSettled(search.toLowerCase());
  const [kind, setKind] = useState('');
  const query = kind === 'banned' ? { banned: true } : { role: kind };
  return (
    <>
      <PageHead title="Users" note="Everybody who was ever here." />
      <Group className="toolbar">
        <SearchField label="Start of a Session ID" value={search} onChange={setSearch} />
        <NativeSelect
          aria-label="Which users"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={[
            { value: '', label: 'All users' },
            { value: 'admin', label: 'Admins' },
            { value: 'moderator', label: 'Moderators' },
            { value: 'banned', label: 'Banned' },
          ]}
        />
      </Group>
      <Card isFlush>
        <PagedTable
          label="Users"
          queryKey={['users', prefix, kind]}
          load={(cursor) => listUsers({ prefix, ...query, cursor })}
          columns={COLUMNS}
          keyOf={({ sessionId }) => sessionId}
          empty={<EmptyState title="Nobody">Nobody matches, or nobody was here yet.</EmptyState>}
        />
      </Card>
    </>
  );
}

const COLUMNS: readonly Column<UserSummary>[] = [
  { header: 'User', cell: ({ sessionId }) => <Person sessionId={sessionId} /> },
  { header: 'Standing', cell: (user) => <UserStanding user={user} /> },
  { header: 'First seen', cell: ({ firstSeen }) => <Time at={firstSeen} /> },
  { header: 'Last active', cell: ({ lastActive }) => <Time at={lastActive} /> },
];

export function UserStanding({ user: { isBanned, role } }: { user: UserSummary }) {
  if (isBanned) return <Badge color="red">Banned</Badge>;
  return role === undefined ? <span>User</span> : <Badge>{role}</Badge>;
}
