import { MailMark } from './mail-marks.js';

const loaded = async (inbox: number, outbox = 0): Promise<MailMark> => {
  const mark = new MailMark(() => Promise.resolve({ inbox, outbox }));
  await mark.isLoading;
  return mark;
};

describe('the end of a box', () => {
  it('is what was loaded, and what came since', async () => {
    const mark = await loaded(5, 3);
    expect([mark.isBelow('inbox', 4), mark.isBelow('inbox', 5), mark.isBelow('outbox', 3)]).toEqual([
      false,
      true,
      true,
    ]);
    mark.raise('inbox', 9);
    mark.raise('inbox', 7); // told late
    expect([mark.isBelow('inbox', 8), mark.isBelow('inbox', 9), mark.isBelow('outbox', 3)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('takes what comes while it is loaded, whatever is loaded then', async () => {
    let answer: (last: { inbox: number; outbox: number }) => void = () => undefined;
    const mark = new MailMark(() => new Promise((resolve) => (answer = resolve)));
    mark.raise('inbox', 9);
    answer({ inbox: 5, outbox: 0 });
    await mark.isLoading;
    expect([mark.isBelow('inbox', 8), mark.isBelow('inbox', 9)]).toEqual([false, true]);
  });

  it('comes down when there was nothing above', async () => {
    const mark = await loaded(5);
    mark.lower('inbox', 2, mark.basis);
    expect([mark.isBelow('inbox', 1), mark.isBelow('inbox', 2)]).toEqual([false, true]);
    mark.lower('inbox', 4, mark.basis);
    expect(mark.isBelow('inbox', 2)).toBe(true);
  });

  it('stays when something came since somebody began to look', async () => {
    const mark = await loaded(5);
    const { basis } = mark;
    mark.raise('inbox', 6);
    mark.lower('inbox', 0, basis);
    expect(mark.isBelow('inbox', 5)).toBe(false);
  });
});
