import { Button, Group, ScrollArea, Text, Title } from '@mantine/core';
import { useDisclosure, useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';
import UPlot from 'uplot';
import { DataTable } from '../../parts/data-table.jsx';
import { chartOptions } from './chart-options.js';
import { stepMs, type Step } from './spans.js';
import { useChartColors } from './chart-colors.js';

interface SeriesChartProps {
  label: string;
  /** Of the palette. */
  tone: number;
  from: string;
  step: Step;
  values: readonly number[];
  /** Adding up makes sense: posts, not active users. */
  isCount: boolean;
}

/** A curve with its sum or peak, and the same numbers as a table for whoever cannot see it. */
export function SeriesChart(props: SeriesChartProps) {
  const { label, isCount, values } = props;
  const [isTable, table] = useDisclosure();
  const peak = Math.max(0, ...values);
  const sum = values.reduce((total, value) => total + value, 0);
  const summary = isCount
    ? `${sum.toLocaleString('en')} in all, at most ${peak.toLocaleString('en')} at once`
    : `at most ${peak.toLocaleString('en')}`;
  return (
    <>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="xs">
        <div>
          <Title order={2} size="h5">
            {label}
          </Title>
          <Text className="chart-number">{(isCount ? sum : peak).toLocaleString('en')}</Text>
          <Text size="xs" c="dimmed">
            {isCount ? 'in all' : 'at most'}
          </Text>
        </div>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={table.toggle}
          aria-expanded={isTable}
          aria-label={`${label} as a ${isTable ? 'chart' : 'table'}`}
        >
          {isTable ? 'Chart' : 'Table'}
        </Button>
      </Group>
      {isTable ? <Numbers {...props} /> : <Curve {...props} summary={summary} />}
    </>
  );
}

function Curve({ label, tone, from, step, values, summary }: SeriesChartProps & { summary: string }) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const colors = useChartColors(tone);
  const data = useMemo(() => dataOf(from, step, values), [from, step, values]);
  const isDrawn = width > 0;
  useEffect(() => {
    if (!isDrawn || !place.current) return undefined;
    const plot = new UPlot(chartOptions({ label, width, colors, step }), data, place.current);
    return () => plot.destroy();
  }, [isDrawn, label, width, colors, data, step]);
  return (
    <div ref={ref} className="chart" role="img" aria-label={`${label}: ${summary}`}>
      <div ref={place} />
    </div>
  );
}

function dataOf(from: string, step: Step, values: readonly number[]): UPlot.AlignedData {
  const start = Date.parse(from);
  return [values.map((_, index) => (start + index * stepMs(step)) / 1_000), [...values]];
}

const hour = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function Numbers({ label, from, step, values }: SeriesChartProps) {
  const start = Date.parse(from);
  const rows = values
    .map((value, index) => ({ at: start + index * stepMs(step), value }))
    .filter(({ value }) => value > 0)
    .reverse();
  if (rows.length === 0) return <Text c="dimmed">Nothing in this time.</Text>;
  return (
    <ScrollArea.Autosize mah={220} viewportProps={{ tabIndex: 0, 'aria-label': label, role: 'region' }}>
      <DataTable
        label={label}
        items={rows}
        keyOf={({ at }) => at}
        columns={[
          { header: 'When', cell: ({ at }) => (step === 'hour' ? hour : day).format(at) },
          { header: label, isNumeric: true, cell: ({ value }) => value.toLocaleString('en') },
        ]}
      />
    </ScrollArea.Autosize>
  );
}
