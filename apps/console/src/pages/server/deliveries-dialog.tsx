import { Badge, Modal, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listDeliveries } from '../../api/access.js';
import type { Delivery } from '../../api/types.js';
import { DataTable, type Column } from '../../parts/data-table.jsx';
import { wordsOf } from '../../parts/shown.js';
import { EmptyState, Loaded } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';

const LOOKED_UP_EVERY_MS = 3_000;

export function DeliveriesDialog({ id, onClose }: { id: string; onClose(): void }) {
  const query = useQuery({
    queryKey: ['deliveries', id],
    queryFn: () => listDeliveries(id),
    refetchInterval: LOOKED_UP_EVERY_MS,
  });
  return (
    <Modal opened onClose={onClose} title="Deliveries" size="xl" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Loaded query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nothing was sent yet" />
          ) : (
            <DataTable label="Deliveries" items={items} columns={COLUMNS} keyOf={(item) => item.id} />
          )
        }
      </Loaded>
    </Modal>
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  { header: 'When', cell: ({ at }) => <Time at={at} /> },
  { header: 'Event', cell: ({ event }) => wordsOf(event) },
  { header: 'Answer', cell: (delivery) => <Outcome delivery={delivery} /> },
  { header: 'Attempts', isNumeric: true, cell: ({ attempts }) => attempts ?? 1 },
];

function Outcome({ delivery: { status, outcome, error } }: { delivery: Delivery }) {
  const isGood = status !== undefined && status < 300;
  return (
    <div>
      <Badge color={isGood ? 'plaza' : 'red'}>{status ?? outcome ?? 'failed'}</Badge>
      {error !== undefined && (
        <Text size="sm" c="dimmed" component="bdi" className="wrap-anywhere">
          {' '}
          {error}
        </Text>
      )}
    </div>
  );
}
