import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { previewRules, type RulesKind } from '../../api/rules.js';
import type { Preview, PreviewItem, Rules } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { DataTable, type Column } from '../../parts/data-table.jsx';
import { PersonLink } from '../../parts/person.jsx';
import { RoomSelect } from '../../parts/room-select.jsx';
import { counted } from '../../parts/shown.js';
import { EmptyState, Failure } from '../../parts/states.jsx';
import { ruleProblem } from './rule-problem.js';

interface TryItProps {
  kind: RulesKind;
  /** Without it one is chosen. */
  room: string | undefined;
  rules: Rules;
}

/** What the rules would do, saved or not, to what was written last. Nothing is changed by it. */
export function TryIt({ kind, room, rules }: TryItProps) {
  const [chosen, setChosen] = useState('');
  const target = room ?? chosen;
  const preview = useAction<void, Preview>({
    run: () => previewRules(kind, target, rules),
    changes: [],
    isQuiet: true,
  });
  return (
    <Card
      title="Try it on recent messages"
      note="With the rules as they stand above, saved or not. Nothing is changed."
    >
      <Stack>
        <Group align="flex-end" gap="sm">
          {room === undefined && (
            <RoomSelect label="Room" placeholder="Choose a room" value={chosen} onChange={setChosen} />
          )}
          <Button
            variant="default"
            onClick={() => preview.mutate()}
            disabled={target === ''}
            loading={preview.isPending}
          >
            Try it
          </Button>
        </Group>
        <Failure
          error={preview.error}
          title="These rules cannot be tried"
          textOf={(error) => ruleProblem(kind, error)}
        />
        {preview.data && <Outcome preview={preview.data} />}
      </Stack>
    </Card>
  );
}

function Outcome({ preview: { items, judged, caught } }: { preview: Preview }) {
  const stopped = items.filter(({ reasons }) => reasons.length > 0);
  return (
    <div role="status">
      <Text fw={600}>
        {counted(caught, 'message', 'messages')} of {judged.toLocaleString('en')} would be caught
      </Text>
      {stopped.length === 0 ? (
        <EmptyState title="Nothing would be caught">All recent messages pass these rules.</EmptyState>
      ) : (
        <DataTable
          label="Messages that would be caught"
          items={stopped}
          columns={COLUMNS}
          keyOf={({ messageId }) => messageId}
        />
      )}
    </div>
  );
}

const COLUMNS: readonly Column<PreviewItem>[] = [
  {
    header: 'Message',
    cell: ({ text }) => (
      <Text size="sm" lineClamp={3} className="wrap-anywhere" component="div" dir="auto">
        {text ?? 'Something without text'}
      </Text>
    ),
  },
  { header: 'By', cell: ({ sessionId }) => <PersonLink sessionId={sessionId} /> },
  { header: 'Outcome', cell: ({ outcome }) => <Badge color="yellow">{outcome}</Badge> },
  { header: 'Because', cell: ({ reasons }) => reasons.join(' · ') },
];
