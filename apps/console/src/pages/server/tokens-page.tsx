import { Badge, Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { listTokens, revokeToken } from '../../api/access.js';
import type { AccessToken } from '../../api/record-types.js';
import { Card } from '../../parts/card.jsx';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { EmptyState } from '../../parts/states.jsx';
import { EndTime, Time } from '../../parts/time.jsx';
import { NewTokenDialog } from './new-token-dialog.jsx';

export function TokensPage() {
  const [isOpen, dialog] = useDisclosure();
  return (
    <>
      <PageHead
        title="Access tokens"
        note="For scripts, and for people who do not sign in with a Session ID."
      >
        <Button onClick={dialog.open} leftSection={<Icon name="plus" />}>
          New token
        </Button>
      </PageHead>
      <Card isFlush>
        <PagedTable
          label="Access tokens"
          queryKey={['tokens']}
          load={(cursor) => listTokens({ cursor })}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title="No tokens">
              Nobody but those who sign in with their Session ID has access.
            </EmptyState>
          }
        />
      </Card>
      {isOpen && <NewTokenDialog onClose={dialog.close} />}
    </>
  );
}

const COLUMNS: readonly Column<AccessToken>[] = [
  {
    header: 'Name',
    cell: ({ name, beginning }) => (
      <div>
        <Text fw={600} size="sm" className="wrap-anywhere">
          <bdi>{name}</bdi>
        </Text>
        <Text size="xs" c="dimmed" ff="monospace">
          {beginning}…
        </Text>
      </div>
    ),
  },
  { header: 'Role', cell: ({ role }) => <Badge>{role}</Badge> },
  { header: 'Where', cell: ({ rooms }) => (rooms && rooms.length > 0 ? rooms.join(', ') : 'Everywhere') },
  { header: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="never" /> },
  {
    header: 'Expires',
    cell: ({ expiresAt, revokedAt }) =>
      revokedAt === undefined ? <EndTime at={expiresAt} /> : <Badge color="gray">Revoked</Badge>,
  },
  {
    header: 'Actions',
    isActions: true,
    cell: ({ id, name, revokedAt }) =>
      revokedAt === undefined && (
        <ConfirmButton
          label="Revoke"
          about={name}
          title="Revoke this token?"
          run={() => revokeToken(id)}
          done="The token was revoked"
          changes={[['tokens']]}
        >
          Whoever uses <bdi>{name}</bdi> is refused from now on.
        </ConfirmButton>
      ),
  },
];
