const BARS = [...'▁▂▃▄▅▆▇█'];
const WIDTH_MAX = 60;

/**
 * Numbers as a line of small bars, the greatest as high as can be and 0 as a blank; more than {@link WIDTH_MAX} of them
 * are drawn together by their greatest.
 */
export function sparkline(values: readonly number[]): string {
  const drawn = together(values, WIDTH_MAX);
  const greatest = Math.max(...drawn, 0);
  if (greatest === 0) return ' '.repeat(drawn.length);
  const bar = (value: number): string =>
    value <= 0 ? ' ' : BARS[Math.ceil((value / greatest) * BARS.length) - 1]!;
  return drawn.map(bar).join('');
}

function together(values: readonly number[], widthMax: number): number[] {
  const each = Math.max(1, Math.ceil(values.length / widthMax));
  const groups = Math.ceil(values.length / each);
  return Array.from({ length: groups }, (_, at) => Math.max(...values.slice(at * each, (at + 1) * each)));
}
