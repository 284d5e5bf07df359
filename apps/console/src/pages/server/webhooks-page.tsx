import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { deleteWebhook, listWebhooks, readWebhook, testWebhook } from '../../api/access.js';
import type { Webhook } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { EmptyState } from '../../parts/states.jsx';
import { DeliveriesDialog } from './deliveries-dialog.jsx';
import { WebhookDialog } from './webhook-dialog.jsx';

type Opened = { kind: 'new' } | { kind: 'edit' | 'deliveries'; id: string };

export function WebhooksPage() {
  const [opened, setOpened] = useState<Opened>();
  const close = (): void => setOpened(undefined);
  return (
    <>
      <PageHead title="Webhooks" note="Signed messages to bots and bridges when something happens.">
        <Button onClick={() => setOpened({ kind: 'new' })} leftSection={<Icon name="plus" />}>
          New webhook
        </Button>
      </PageHead>
      <Card isFlush>
        <PagedTable
          label="Webhooks"
          queryKey={['webhooks', 'list']}
          load={listWebhooks}
          columns={[...COLUMNS, actionsColumn(setOpened)]}
          keyOf={({ id }) => id}
          empty={<EmptyState title="No webhooks">Nothing outside is told of what happens here.</EmptyState>}
        />
      </Card>
      {opened?.kind === 'new' && <WebhookDialog id={undefined} onClose={close} />}
      {opened?.kind === 'edit' && <WebhookDialog id={opened.id} onClose={close} />}
      {opened?.kind === 'deliveries' && <DeliveriesDialog id={opened.id} onClose={close} />}
    </>
  );
}

const COLUMNS: readonly Column<Webhook>[] = [
  {
    header: 'Address',
    cell: ({ name, url }) => (
      <div>
        {name !== undefined && (
          <Text fw={600} size="sm">
            <bdi>{name}</bdi>
          </Text>
        )}
        <Text size="sm" className="wrap-anywhere" component="bdi">
          {url}
        </Text>
      </div>
    ),
  },
  { header: 'Events', cell: ({ events }) => (events.length === 0 ? 'All' : events.join(', ')) },
  { header: 'Where', cell: ({ rooms }) => (rooms && rooms.length > 0 ? rooms.join(', ') : 'Everywhere') },
  {
    header: 'State',
    cell: ({ isActive }) =>
      isActive === false ? <Badge color="yellow">Paused</Badge> : <Badge>Active</Badge>,
  },
];

const actionsColumn = (open: (opened: Opened) => void): Column<Webhook> => ({
  header: 'Actions',
  isActions: true,
  cell: (webhook) => <WebhookActions webhook={webhook} onOpen={open} />,
});

function WebhookActions({
  webhook: { id, name, url },
  onOpen,
}: {
  webhook: Webhook;
  onOpen(opened: Opened): void;
}) {
  const about = name ?? url;
  const test = useAction<void, unknown>({
    run: () => testWebhook(id),
    done: 'A test is on its way; see the deliveries',
    changes: [['deliveries', id]],
  });
  return (
    <Group gap="xs" justify="flex-end">
      <Button
        size="xs"
        variant="default"
        aria-label={`Test: ${about}`}
        onClick={() => test.mutate()}
        loading={test.isPending}
      >
        Test
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={`Deliveries: ${about}`}
        onClick={() => onOpen({ kind: 'deliveries', id })}
      >
        Deliveries
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={`Edit: ${about}`}
        onClick={() => onOpen({ kind: 'edit', id })}
      >
        Edit
      </Button>
      <ConfirmButton
        label="Delete"
        about={about}
        title="Delete this webhook?"
        run={async () => deleteWebhook(id, (await readWebhook(id)).etag)}
        done="The webhook was deleted"
        changes={[['webhooks']]}
      >
        Nothing more is sent to <bdi className="wrap-anywhere">{url}</bdi>.
      </ConfirmButton>
    </Group>
  );
}
