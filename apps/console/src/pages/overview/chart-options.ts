import type UPlot from 'uplot';
import type { ChartColors } from './chart-colors.js';
import type { Step } from './spans.js';

const HEIGHT_PX = 190;
const FONT = '12px system-ui, sans-serif';
const TICK_SPACE_PX = 70;

interface ChartOptions {
  label: string;
  width: number;
  colors: ChartColors;
  step: Step;
}

export function chartOptions({ label, width, colors, step }: ChartOptions): UPlot.Options {
  const axis = { stroke: colors.text, font: FONT, ticks: { show: false } } as const;
  return {
    width,
    height: HEIGHT_PX,
    cursor: { points: { size: 7 }, drag: { x: false, y: false }, y: false },
    legend: { live: true },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: TICK_SPACE_PX },
      {
        ...axis,
        grid: { stroke: colors.grid, width: 1 },
        size: 46,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000],
        values: (_plot, ticks) => ticks.map((tick) => compact.format(tick)),
      },
    ],
    series: [
      {
        value: (_plot, at) => (at === null ? '' : (step === 'hour' ? hour : day).format(at * 1_000)),
        label: 'When',
      },
      {
        label,
        stroke: colors.line,
        fill: colors.fill,
        width: 2,
        points: { show: false },
        value: (_plot, value) => (value === null ? '–' : value.toLocaleString('en')),
      },
    ],
  };
}

const compact = new Intl.NumberFormat('en', { notation: 'compact' });
const hour = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
