import { Badge, Button, Modal, Text } from '@mantine/core';
import { listDeliveries, retryDelivery } from '../../api/access.js';
import type { Delivery } from '../../api/record-types.js';
import { useAction } from '../../parts/action.js';
import type { Column } from '../../parts/data-table.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { wordsOf } from '../../parts/shown.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';

const LOOKED_UP_EVERY_MS = 3_000;

export function DeliveriesDialog({ id, onClose }: { id: number; onClose(): void }) {
  return (
    <Modal opened onClose={onClose} title="Deliveries" size="xl" closeButtonProps={{ 'aria-label': 'Close' }}>
      <PagedTable
        label="Deliveries"
        queryKey={['deliveries', id]}
        load={(cursor) => listDeliveries(id, { cursor })}
        columns={[...COLUMNS, retryColumn(id)]}
        keyOf={(delivery) => delivery.id}
        refetchIntervalMs={LOOKED_UP_EVERY_MS}
        empty={<EmptyState title="Nothing was sent yet" />}
      />
    </Modal>
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  { header: 'When', cell: ({ happenedAt }) => <Time at={happenedAt} /> },
  { header: 'Event', cell: ({ event }) => wordsOf(event) },
  { header: 'State', cell: (delivery) => <Outcome delivery={delivery} /> },
  { header: 'Attempts', isNumeric: true, cell: ({ attempts }) => attempts },
];

const COLORS: Readonly<Record<string, string>> = { delivered: 'plaza', done: 'plaza', dead: 'red' };

/** What the other side answered is a stranger's text, too. */
function Outcome({ delivery: { state, status, outcome } }: { delivery: Delivery }) {
  return (
    <div>
      <Badge color={COLORS[state] ?? 'gray'}>{wordsOf(state)}</Badge>
      {(status !== undefined || outcome !== undefined) && (
        <Text size="sm" c="dimmed" className="wrap-anywhere" lineClamp={3} component="div">
          <bdi>{[status, outcome].filter((part) => part !== undefined).join(': ')}</bdi>
        </Text>
      )}
    </div>
  );
}

const retryColumn = (id: number): Column<Delivery> => ({
  header: 'Actions',
  isActions: true,
  cell: (delivery) => delivery.state === 'dead' && <RetryButton id={id} delivery={delivery} />,
});

function RetryButton({ id, delivery }: { id: number; delivery: Delivery }) {
  const retry = useAction<void>({
    run: () => retryDelivery(id, delivery.id),
    done: 'It is sent again',
    changes: [['deliveries', id]],
  });
  return (
    <Button size="xs" variant="default" onClick={() => retry.mutate()} loading={retry.isPending}>
      Retry
    </Button>
  );
}
