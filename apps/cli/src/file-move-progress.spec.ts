import type { FileMoveProgress } from '../../../libs/community/file-move.service.js';
import { FileMoveProgressLine, progressText } from './file-move-progress.js';
import { formatBytes, formatSeconds } from './output.js';

const progress: FileMoveProgress = {
  phase: 'copying',
  compared: 1000,
  files: 400,
  bytes: 4_000_000_000,
  skipped: { files: 100, bytes: 1_000_000_000 },
  copied: { files: 200, bytes: 1_500_000_000 },
};

describe('the text of a progress', () => {
  it('tells counts, bytes, rate and the time that is left', () =>
    expect(progressText(progress, 30)).toBe('300 of 400 files (75 %), 2.5 GB of 4.0 GB, 50 MB/s, 30 s left'));

  it('promises nothing before anything was copied', () => {
    const before = { ...progress, copied: { files: 0, bytes: 0 } };
    expect(progressText(before, 0)).toBe('100 of 400 files (25 %), 1.0 GB of 4.0 GB');
  });

  it('tells what is looked at first', () =>
    expect(progressText({ ...progress, phase: 'comparing' }, 0)).toBe(
      'Looking at what is there: 1000 files',
    ));

  it('never passes the end, whatever was uploaded since the start', () => {
    const beyond = { ...progress, copied: { files: 500, bytes: 5_000_000_000 } };
    expect(progressText(beyond, 10)).toBe('400 of 400 files (100 %), 4.0 GB of 4.0 GB, 500 MB/s, 0 s left');
    expect(progressText({ ...beyond, files: 0, bytes: 0 }, 10)).toContain('0 of 0 files (100 %)');
  });
});

describe('a progress line', () => {
  let now: number;
  let written: string[];
  const line = (isTTY: boolean) =>
    new FileMoveProgressLine({ isTTY, write: (text) => written.push(text) }, () => now);
  beforeEach(() => {
    [now, written] = [0, []];
  });

  it('changes in place at a terminal, some times a second, and goes at the end', () => {
    const shown = line(true);
    for (now = 0; now < 1000; now += 50) shown.show(progress);
    shown.end();
    expect(written).toHaveLength(6);
    for (const text of written)
      expect([text[0], text.slice(-3), text.includes('\n')]).toEqual(['\r', '\x1b[K', false]);
    expect(written.at(-1)).toBe('\r\x1b[K');
  });

  it('is a plain line now and then elsewhere, and none for what is soon done', () => {
    const shown = line(false);
    for (now = 0; now < 9_000; now += 50) shown.show(progress);
    expect(written).toEqual([]);
    for (; now < 25_000; now += 50) shown.show(progress);
    shown.end();
    expect(written).toHaveLength(2);
    for (const text of written) expect(text).toMatch(/^300 of 400 files .* left\n$/);
  });
});

describe('numbers for people', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9_960, '10 kB'],
    [999_400, '999 kB'],
    [999_600, '1.0 MB'],
    [10_000_000_000_000, '10 TB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [89, '89 s'],
    [90, '2 min'],
    [3600, '60 min'],
    [7200, '2 h'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});
