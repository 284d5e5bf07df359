import { Menu, Text, UnstyledButton } from '@mantine/core';
import { logout } from '../api/session.js';
import type { Session } from '../api/types.js';
import { useAction } from '../parts/action.js';
import { Icon } from '../parts/icon.jsx';
import { initialOf, shortId } from '../parts/shown.js';
import { useLeave } from '../parts/unsaved-changes.js';
import { forgetSession } from '../query-client.js';
import { useSession } from '../session/session.js';

export function AccountMenu() {
  const session = useSession();
  const leave = useLeave();
  const exit = useAction<void>({
    run: async () => {
      if (session.kind === 'session-id') await logout();
      forgetSession();
    },
    changes: [],
  });
  const name = session.kind === 'token' ? session.name : shortId(session.name);
  return (
    <Menu width={260}>
      <Menu.Target>
        <UnstyledButton className="account" aria-label={`Account: ${name}`}>
          <span className="avatar small tone-3" aria-hidden="true">
            {initialOf(session.kind === 'token' ? session.name : session.name.slice(2))}
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="menu-head">
          <Text fw={600} size="sm" className="wrap-anywhere">
            <bdi>{name}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {rolesText(session)}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="exit" />} onClick={() => leave(() => exit.mutate())}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function rolesText({ kind, roles }: Session): string {
  const rooms = Object.entries(roles.rooms).map(([room, role]) => `${role} of ${room}`);
  const global = roles.global === undefined ? [] : [`${roles.global} of the whole server`];
  const by = kind === 'token' ? 'access token' : 'Session ID';
  return [`Signed in by ${by}`, ...global, ...rooms.slice(0, 5)].join(' · ');
}
