import { Anchor, Group, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { initialOf, isSessionId, shortId, toneOf } from './shown.js';

export function PersonAvatar({
  sessionId,
  name,
  size,
}: {
  sessionId: string;
  name?: string;
  size?: 'small';
}) {
  const initial = name === undefined || name.trim() === '' ? sessionId.slice(2, 4) : initialOf(name);
  return (
    <span className={`avatar tone-${toneOf(sessionId)} ${size ?? ''}`} aria-hidden="true">
      {initial}
    </span>
  );
}

/** Somebody's id, shortened, with the way to their page. What is no id (a command, a token) is shown as it is. */
export function PersonLink({ sessionId }: { sessionId: string }) {
  if (!isSessionId(sessionId)) return <bdi>{shortId(sessionId)}</bdi>;
  return (
    <Tooltip label={sessionId} multiline maw={360} className="wrap-anywhere">
      <Anchor component={Link} href={`/users/${sessionId}`} className="person-id">
        {shortId(sessionId)}
      </Anchor>
    </Tooltip>
  );
}

export function Person({
  sessionId,
  name,
  children,
}: {
  sessionId: string;
  name?: string;
  children?: ReactNode;
}) {
  return (
    <Group gap="sm" wrap="nowrap">
      <PersonAvatar sessionId={sessionId} name={name} size="small" />
      <div>
        {name !== undefined && name !== '' && (
          <Text fw={600} size="sm" component="bdi" className="wrap-anywhere">
            {name}{' '}
          </Text>
        )}
        <PersonLink sessionId={sessionId} />
        {children}
      </div>
    </Group>
  );
}
