import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';

export interface ChartColors {
  line: string;
  fill: string;
  text: string;
  grid: string;
}

/** A canvas knows no variables of CSS: they are read anew when the scheme changes. */
export function useChartColors(tone: number): ChartColors {
  const scheme = useComputedColorScheme('light');
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const read = (name: string): string => style.getPropertyValue(name).trim();
    const line = read(`--chart-${tone}-${scheme}`);
    return { line, fill: `${line}22`, text: read(`--soft-${scheme}`), grid: read(`--line-${scheme}`) };
  }, [scheme, tone]);
}
