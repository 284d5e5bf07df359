import { Anchor, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { readRoom } from '../../api/rooms.js';
import type { Room } from '../../api/types.js';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { Loaded } from '../../parts/states.jsx';
import { counted } from '../../parts/shown.js';
import { RulesEditor } from '../rules/rules-editor.jsx';
import { JoinLink } from './join-link.jsx';
import { LiveRoom } from './live-room.jsx';
import { MembersTab } from './members-tab.jsx';
import { RoomFiles } from './room-files.jsx';
import { RoomSettings } from './room-settings.jsx';

const TABS = [
  ['live', 'Messages'],
  ['members', 'Members'],
  ['settings', 'Settings'],
  ['filters', 'Filters'],
  ['automod', 'Automod'],
  ['files', 'Files'],
] as const;

export function RoomPage({ room: token, tab }: { room: string; tab: string | undefined }) {
  const query = useQuery({ queryKey: ['room', token], queryFn: () => readRoom(token) });
  return (
    <>
      <Anchor component={Link} href="/rooms" className="way-back">
        <Icon name="back" size={16} /> All rooms
      </Anchor>
      {query.isError && !query.data && <PageHead title={token} />}
      <Loaded query={query}>
        {({ value, etag }) => <RoomTabs room={value} etag={etag} tab={tab ?? 'live'} />}
      </Loaded>
    </>
  );
}

function RoomTabs({ room, etag, tab }: { room: Room; etag: string | undefined; tab: string }) {
  const [, navigate] = useLocation();
  const { token, name, activeUsers } = room;
  return (
    <>
      <PageHead
        title={name}
        note={
          <>
            <bdi>{token}</bdi>
            {` · ${counted(activeUsers, 'active user', 'active users')}`}
          </>
        }
      />
      <JoinLink link={room.joinLink} />
      <Tabs
        value={tab}
        onChange={(value) => navigate(value === 'live' ? `/rooms/${token}` : `/rooms/${token}/${value}`)}
        keepMounted={false}
        className="page-tabs"
      >
        <Tabs.List aria-label="Parts of the room">
          {TABS.map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="live">
          <LiveRoom room={token} />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <MembersTab room={token} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <RoomSettings room={room} etag={etag} />
        </Tabs.Panel>
        <Tabs.Panel value="filters">
          <RulesEditor kind="filters" room={token} />
        </Tabs.Panel>
        <Tabs.Panel value="automod">
          <RulesEditor kind="automod" room={token} />
        </Tabs.Panel>
        <Tabs.Panel value="files">
          <RoomFiles room={token} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
