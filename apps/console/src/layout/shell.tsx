import { AppShell, Burger, Group, Image, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useLiveState } from '../live/live-updates.jsx';
import { Icon } from '../parts/icon.jsx';
import { useRights } from '../session/session.js';
import { AccountMenu } from './account-menu.jsx';
import { NAV_GROUPS } from './nav-links.js';
import { SchemeMenu } from './scheme-menu.jsx';

/** The frame around every page: where one can go, who one is, whether what is seen is live. */
export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, menu] = useDisclosure();
  const [location] = useLocation();
  useEffect(() => {
    menu.close();
    window.scrollTo(0, 0);
    // `menu` is another object with every rendering.
  }, [location]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 248, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header className="bar">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
              aria-expanded={isOpen}
            />
            <Brand />
          </Group>
          <Group gap={6} wrap="nowrap">
            <LiveBadge />
            <SchemeMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="nav" aria-label="Main">
        <ScrollArea type="never" h="100%" p="md">
          <Navigation />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <div className="content">{children}</div>
      </AppShell.Main>
    </AppShell>
  );
}

function Brand() {
  return (
    <Link href="/" className="brand">
      <Image src="/pages/plaza.svg" alt="" w={30} h={30} />
      <span>Plaza console</span>
    </Link>
  );
}

function Navigation() {
  const rights = useRights();
  const [location] = useLocation();
  return NAV_GROUPS.map(({ label, entries }) => (
    <div key={label} className="nav-group">
      <Text size="xs" fw={600} c="dimmed" className="nav-label">
        {label}
      </Text>
      {entries
        .filter(({ isFor }) => isFor?.(rights) ?? true)
        .map(({ path, label: text, icon }) => {
          const isHere =
            path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`);
          return (
            <NavLink
              key={path}
              component={Link}
              href={path}
              label={text}
              leftSection={<Icon name={icon} />}
              active={isHere}
              aria-current={isHere ? 'page' : undefined}
            />
          );
        })}
    </div>
  ));
}

const LIVE_TEXTS = { connecting: 'Connecting', live: 'Live', broken: 'Reconnecting' } as const;

function LiveBadge() {
  const state = useLiveState();
  return (
    <Text size="sm" role="status" className={`live ${state}`}>
      {LIVE_TEXTS[state]}
    </Text>
  );
}
