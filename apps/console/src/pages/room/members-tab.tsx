import { ActionIcon, Badge, Group, Menu, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { listMembers } from '../../api/rooms.js';
import type { Member } from '../../api/types.js';
import { Card } from '../../parts/card.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { Person } from '../../parts/person.jsx';
import { SearchField } from '../../parts/search-field.jsx';
import { useSettled } from '../../parts/settled.js';
import { EmptyState } from '../../parts/states.jsx';
import { shortId } from '../../parts/shown.js';
import { Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';
import { BanDialog } from '../people/ban-dialog.jsx';
import { SanctionItems } from '../people/sanction-items.jsx';
import { ModeratorsCard } from './moderators-card.jsx';
import { PermissionsDialog } from './permissions-dialog.jsx';
import { permissionsText } from './permissions-text.js';

interface MemberDialog {
  kind: 'permissions' | 'ban' | 'mute';
  member: Member;
}

export function MembersTab({ room }: { room: string }) {
  const may = useMay();
  const [search, setSearch] = useState('');
  const prefix = useSettled(search.toLowerCase());
  const [active, setActive] = useState('');
  const [dialog, setDialog] = useState<MemberDialog>();
  const close = (): void => setDialog(undefined);
  return (
    <>
      <Group className="toolbar">
        <SearchField label="Start of a Session ID" value={search} onChange={setSearch} />
        <NativeSelect
          aria-label="Active within"
          value={active}
          onChange={(event) => setActive(event.currentTarget.value)}
          data={[
            { value: '', label: 'Active at any time' },
            { value: '1', label: 'Active within a day' },
            { value: '7', label: 'Active within a week' },
            { value: '30', label: 'Active within 30 days' },
          ]}
        />
      </Group>
      <Card isFlush>
        <PagedTable
          label="Members"
          queryKey={['members', room, prefix, active]}
          load={(cursor) => listMembers(room, { prefix, active, cursor })}
          columns={may('moderator', room) ? [...COLUMNS, actionsColumn(setDialog)] : COLUMNS}
          keyOf={({ sessionId }) => sessionId}
          empty={<EmptyState title="Nobody">Nobody was here who matches.</EmptyState>}
        />
      </Card>
      <ModeratorsCard room={room} />
      {dialog?.kind === 'permissions' && (
        <PermissionsDialog room={room} member={dialog.member} onClose={close} />
      )}
      {(dialog?.kind === 'ban' || dialog?.kind === 'mute') && (
        <BanDialog kind={dialog.kind} sessionId={dialog.member.sessionId} room={room} onClose={close} />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Member>[] = [
  { header: 'Member', cell: ({ sessionId }) => <Person sessionId={sessionId} /> },
  { header: 'Standing', cell: (member) => <Standing member={member} /> },
  { header: 'Permissions', cell: ({ permissions }) => permissionsText(permissions) },
  { header: 'Posts', isNumeric: true, cell: ({ posts }) => posts.toLocaleString('en') },
  { header: 'Last active', cell: ({ lastActive }) => <Time at={lastActive} /> },
];

const actionsColumn = (open: (dialog: MemberDialog) => void): Column<Member> => ({
  header: 'Actions',
  isActions: true,
  cell: (member) => <MemberMenu sessionId={member.sessionId} onOpen={(kind) => open({ kind, member })} />,
});

function MemberMenu({ sessionId, onOpen }: { sessionId: string; onOpen(kind: MemberDialog['kind']): void }) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${shortId(sessionId)}`}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="settings" />} onClick={() => onOpen('permissions')}>
          Permissions …
        </Menu.Item>
        <SanctionItems onAsk={onOpen} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Standing({ member: { role, isBanned, permissions } }: { member: Member }) {
  if (isBanned) return <Badge color="red">Banned</Badge>;
  if (permissions.write === false) return <Badge color="yellow">Muted</Badge>;
  return role === undefined ? <span>Member</span> : <Badge>{role}</Badge>;
}
