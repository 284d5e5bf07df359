import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { deleteWebhook, listWebhooks, readWebhook, rotateSecret, testWebhook } from '../../api/access.js';
import type { Attempt, Webhook } from '../../api/record-types.js';
import { tell, tellFailure, useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { SecretDialog } from '../../parts/secret-dialog.jsx';
import { counted, wordsOf } from '../../parts/shown.js';
import { EmptyState } from '../../parts/states.jsx';
import { DeliveriesDialog } from './deliveries-dialog.jsx';
import { WebhookDialog } from './webhook-dialog.jsx';
import { ALL_EVENTS } from './webhook-events.js';

type Opened = { kind: 'new' } | { kind: 'edit' | 'deliveries' | 'secret'; id: number };

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
          load={(cursor) => listWebhooks({ cursor })}
          columns={[...COLUMNS, actionsColumn(setOpened)]}
          keyOf={({ id }) => id}
          empty={<EmptyState title="No webhooks">Nothing outside is told of what happens here.</EmptyState>}
        />
      </Card>
      {opened?.kind === 'new' && <WebhookDialog id={undefined} onClose={close} />}
      {opened?.kind === 'edit' && <WebhookDialog id={opened.id} onClose={close} />}
      {opened?.kind === 'secret' && <SecretRotation id={opened.id} onClose={close} />}
      {opened?.kind === 'deliveries' && <DeliveriesDialog id={opened.id} onClose={close} />}
    </>
  );
}

const COLUMNS: readonly Column<Webhook>[] = [
  {
    header: 'Webhook',
    cell: ({ name, url }) => (
      <div>
        <Text fw={600} size="sm" className="wrap-anywhere">
          <bdi>{name}</bdi>
        </Text>
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          <bdi>{url}</bdi>
        </Text>
      </div>
    ),
  },
  { header: 'Events', cell: ({ events }) => eventsText(events) },
  { header: 'Where', cell: ({ room }) => room ?? 'Everywhere' },
  { header: 'State', cell: (webhook) => <State webhook={webhook} /> },
];

const EVENTS_NAMED_MAX = 2;

const eventsText = (events: readonly string[]): string => {
  if (events.includes(ALL_EVENTS)) return 'Everything';
  const named = events.slice(0, EVENTS_NAMED_MAX).map(wordsOf).join(', ');
  return events.length > EVENTS_NAMED_MAX ? `${named} and ${events.length - EVENTS_NAMED_MAX} more` : named;
};

function State({ webhook: { isPaused, pauseReason, failures } }: { webhook: Webhook }) {
  if (isPaused)
    return (
      <div>
        <Badge color="yellow">Paused</Badge>
        {pauseReason !== undefined && (
          <Text size="sm" c="dimmed">
            {pauseReason}
          </Text>
        )}
      </div>
    );
  return failures > 0 ? (
    <Badge color="red">{counted(failures, 'failure', 'failures')}</Badge>
  ) : (
    <Badge>Active</Badge>
  );
}

const actionsColumn = (open: (opened: Opened) => void): Column<Webhook> => ({
  header: 'Actions',
  isActions: true,
  cell: (webhook) => <WebhookActions webhook={webhook} onOpen={open} />,
});

interface WebhookActionsProps {
  webhook: Webhook;
  onOpen(opened: Opened): void;
}

function WebhookActions({ webhook: { id, name, url }, onOpen }: WebhookActionsProps) {
  const test = useAction<void, Attempt>({
    run: () => testWebhook(id),
    changes: [['deliveries', id]],
    onDone: tellAttempt,
  });
  return (
    <Group gap="xs" justify="flex-end">
      <Button
        size="xs"
        variant="default"
        aria-label={`Test: ${name}`}
        onClick={() => test.mutate()}
        loading={test.isPending}
      >
        Test
      </Button>
      {ACTIONS.map(({ kind, label }) => (
        <Button
          key={kind}
          size="xs"
          variant="default"
          aria-label={`${label}: ${name}`}
          onClick={() => onOpen({ kind, id })}
        >
          {label}
        </Button>
      ))}
      <ConfirmButton
        label="Delete"
        about={name}
        title="Delete this webhook?"
        run={async () => deleteWebhook(id, (await readWebhook(id)).etag)}
        done="The webhook was deleted"
        changes={[['webhooks', 'list']]}
      >
        Nothing more is sent to <bdi className="wrap-anywhere">{url}</bdi>.
      </ConfirmButton>
    </Group>
  );
}

const ACTIONS = [
  { kind: 'deliveries', label: 'Deliveries' },
  { kind: 'edit', label: 'Edit' },
  { kind: 'secret', label: 'New secret' },
] as const;

function tellAttempt({ isTaken, status, outcome, durationMs }: Attempt): void {
  if (isTaken) return tell(`The test was taken, in ${durationMs} ms`);
  tellFailure(new Error(`The test was not taken: ${[status, outcome].filter(Boolean).join(', ')}`));
}

/** Asks once more; then the new secret is shown once. */
function SecretRotation({ id, onClose }: { id: number; onClose(): void }) {
  const rotate = useAction<void, { secret: string }>({
    run: () => rotateSecret(id),
    changes: [],
    isQuiet: true,
  });
  if (rotate.data)
    return (
      <SecretDialog title="The new signing secret" secret={rotate.data.secret} onClose={onClose}>
        Copy it now; it will not be shown again. For a day, deliveries are signed with the old one, too.
      </SecretDialog>
    );
  return (
    <FormDialog
      title="Make a new signing secret?"
      isOpen
      onClose={onClose}
      onSubmit={() => rotate.mutate()}
      submit="Make a new secret"
      isBusy={rotate.isPending}
      error={rotate.error}
    >
      <Text>Deliveries are signed with both for a day; after that the old one is worthless.</Text>
    </FormDialog>
  );
}
