import { Group, SegmentedControl, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readStatistics } from '../../api/records.js';
import type { SeriesName } from '../../api/record-types.js';
import { Card } from '../../parts/card.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { RoomSelect, useRooms } from '../../parts/room-select.jsx';
import { Loaded } from '../../parts/states.jsx';
import { useMay } from '../../session/session.js';
import { SeriesChart } from './series-chart.jsx';
import { ServerFacts } from './server-facts.jsx';
import { SPANS, windowOf, type SpanName } from './spans.js';

const SERIES: readonly { name: SeriesName; label: string; tone: number }[] = [
  { name: 'activeUsers', label: 'Active users', tone: 3 },
  { name: 'posts', label: 'Messages', tone: 5 },
  { name: 'polls', label: 'Polls', tone: 4 },
  { name: 'files', label: 'Files', tone: 6 },
  { name: 'moderation', label: 'Moderation', tone: 0 },
];
const REFRESHED_EVERY_MS = 60_000;

export function OverviewPage() {
  const may = useMay();
  const isServer = may('viewer');
  const rooms = useRooms('');
  const [span, setSpan] = useState<SpanName>('week');
  const [chosen, setChosen] = useState('');
  const room = chosen === '' && !isServer ? (rooms.data?.items[0]?.token ?? '') : chosen;
  return (
    <>
      <PageHead title="Overview" />
      <Stack gap="lg">
        {isServer && <ServerFacts />}
        <Group justify="space-between" gap="sm">
          <RoomSelect
            label="What the charts show"
            isLabelHidden
            placeholder={isServer ? 'The whole server' : 'Choose a room'}
            value={room}
            onChange={setChosen}
            isClearable={isServer}
          />
          <SegmentedControl
            aria-label="Time"
            value={span}
            onChange={(value) => setSpan(value as SpanName)}
            data={Object.entries(SPANS).map(([value, { label }]) => ({ value, label }))}
          />
        </Group>
        {(isServer || room !== '') && <Charts room={room} span={span} />}
      </Stack>
    </>
  );
}

function Charts({ room, span }: { room: string; span: SpanName }) {
  const query = useQuery({
    queryKey: ['statistics', room, span],
    queryFn: () =>
      readStatistics({
        series: SERIES.map(({ name }) => name),
        ...windowOf(span, new Date()),
        ...(room !== '' && { room }),
      }),
    refetchInterval: REFRESHED_EVERY_MS,
    placeholderData: (before) => before,
  });
  return (
    <Loaded query={query}>
      {({ from, step, series }) => (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
          {SERIES.map(({ name, label, tone }) => {
            const values = series[name];
            return (
              values && (
                <Card key={name}>
                  <SeriesChart
                    label={label}
                    tone={tone}
                    from={from}
                    step={step}
                    values={values}
                    isCount={name !== 'activeUsers'}
                  />
                </Card>
              )
            );
          })}
        </SimpleGrid>
      )}
    </Loaded>
  );
}
