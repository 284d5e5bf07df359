import { sparkline } from './text-chart.js';

describe('a line of bars', () => {
  it('is as high as the greatest number, and blank where there is none', () =>
    expect(sparkline([0, 1, 4, 8])).toBe(' ▁▄█'));

  it('shows the smallest number next to the greatest', () => expect(sparkline([1, 1_000_000])).toBe('▁█'));

  it('is blank when nothing happened', () => expect(sparkline([0, 0, 0])).toBe('   '));

  it('has no bars without numbers', () => expect(sparkline([])).toBe(''));

  it('draws many numbers together, and loses no peak', () => {
    const year = Array.from({ length: 365 }, (_, day) => (day === 200 ? 9 : 0));
    expect(sparkline(year)).toHaveLength(53);
    expect(sparkline(year).trim()).toBe('█');
  });
});
