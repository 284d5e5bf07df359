import { Anchor, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import type { UserDetail } from '../../api/types.js';
import { Card } from '../../parts/card.jsx';
import { CopyTextButton } from '../../parts/copy-button.jsx';
import { DataTable } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { shortId } from '../../parts/shown.js';
import { EmptyState, Loaded } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';
import { BanDialog } from './ban-dialog.jsx';
import { BanTable } from './ban-table.jsx';
import { DeletePostsButton } from './delete-posts-button.jsx';
import { RolesCard } from './roles-card.jsx';
import { placesFor } from './sanctions.js';
import { useUser } from './use-user.js';

export function UserPage({ sessionId }: { sessionId: string }) {
  const query = useUser(sessionId);
  const rooms = query.data?.rooms.map(({ token }) => token) ?? [];
  return (
    <>
      <Anchor component={Link} href="/users" className="way-back">
        <Icon name="back" size={16} /> All users
      </Anchor>
      <PageHead title={shortId(sessionId)} note={<CopiedId sessionId={sessionId} />}>
        {!query.data?.isServer && <UserActions sessionId={sessionId} rooms={rooms} />}
      </PageHead>
      <Loaded query={query}>{(user) => <UserCards user={user} />}</Loaded>
    </>
  );
}

/** `rooms`: where something is known of them. Bans of the whole server go for people who were never here, too. */
function UserActions({ sessionId, rooms }: { sessionId: string; rooms: readonly string[] }) {
  const may = useMay();
  const [asking, setAsking] = useState<'ban' | 'mute'>();
  return (
    <>
      {placesFor('mute', rooms, may).length > 0 && (
        <Button variant="default" leftSection={<Icon name="mute" />} onClick={() => setAsking('mute')}>
          Mute …
        </Button>
      )}
      {placesFor('ban', rooms, may).length > 0 && (
        <Button variant="default" leftSection={<Icon name="ban" />} onClick={() => setAsking('ban')}>
          Ban …
        </Button>
      )}
      {may('moderator') && <DeletePostsButton sessionId={sessionId} />}
      {asking && (
        <BanDialog kind={asking} sessionId={sessionId} rooms={rooms} onClose={() => setAsking(undefined)} />
      )}
    </>
  );
}

function CopiedId({ sessionId }: { sessionId: string }) {
  const shown = useRef<HTMLParagraphElement>(null);
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Text size="sm" ff="monospace" className="wrap-anywhere" ref={shown}>
        {sessionId}
      </Text>
      <CopyTextButton text={sessionId} shownIn={shown} size="compact-xs" />
    </Group>
  );
}

function UserCards({ user }: { user: UserDetail }) {
  const { bans, rooms, isServer } = user;
  return (
    <Stack gap="lg">
      {isServer && (
        <Text>
          This is the server itself: announcements, notices to moderators and replies of filters come from
          such IDs. It can be neither banned nor muted, and its messages are deleted one by one.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card title="Activity" note="To the hour; nothing finer is kept.">
          <Group gap="xl">
            <Fact label="First seen">
              <Time at={user.firstSeen} />
            </Fact>
            <Fact label="Last active">
              <Time at={user.lastActive} />
            </Fact>
          </Group>
        </Card>
        {!isServer && <RolesCard user={user} />}
      </SimpleGrid>
      <Card title="Bans and mutes" isFlush>
        {bans.length === 0 ? <EmptyState title="None" /> : <BanTable bans={bans} hidesPerson />}
      </Card>
      <Card title="Rooms" isFlush>
        {rooms.length === 0 ? (
          <EmptyState title="No rooms">Nothing is known of this user in any room.</EmptyState>
        ) : (
          <RoomTable user={user} />
        )}
      </Card>
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fw={600} component="div">
        {children}
      </Text>
    </div>
  );
}

function RoomTable({ user: { rooms, sessionId, isServer } }: { user: UserDetail }) {
  const may = useMay();
  return (
    <DataTable
      label="Rooms"
      items={rooms}
      keyOf={({ token }) => token}
      columns={[
        {
          header: 'Room',
          cell: ({ token }) => (
            <Link href={`/rooms/${token}`} className="row-link">
              {token}
            </Link>
          ),
        },
        { header: 'Posts', isNumeric: true, cell: ({ posts }) => posts.toLocaleString('en') },
        { header: 'Last active', cell: ({ lastActive }) => <Time at={lastActive} /> },
        {
          header: 'Actions',
          isActions: true,
          cell: ({ token }) =>
            !isServer && may('moderator', token) && <DeletePostsButton sessionId={sessionId} room={token} />,
        },
      ]}
    />
  );
}
