import { SharedAnswers } from './shared-answers.js';

function counting(options: { entriesMax?: number } = {}) {
  let now = 0;
  let made = 0;
  const answers = new SharedAnswers<string>({ entriesMax: 2, ...options, keptForMs: 2000, nowMs: () => now });
  const make = async (): Promise<string> => `answer ${++made}`;
  return { answers, make, pass: (ms: number) => void (now += ms), made: () => made };
}

describe('answers that everybody gets alike', () => {
  it('are made once for all who ask meanwhile and shortly after', async () => {
    const { answers, make, pass, made } = counting();
    const all = await Promise.all([answers.get('a', make), answers.get('a', make)]);
    pass(1999);
    expect([...all, await answers.get('a', make)]).toEqual(['answer 1', 'answer 1', 'answer 1']);
    expect(made()).toBe(1);
  });

  it('are made again after their time', async () => {
    const { answers, make, pass } = counting();
    await answers.get('a', make);
    pass(2000);
    expect(await answers.get('a', make)).toBe('answer 2');
  });

  it('are told apart by their keys, and only so many are kept', async () => {
    const { answers, make, made } = counting();
    for (const key of ['a', 'b', 'c', 'a']) await answers.get(key, make);
    expect(made()).toBe(4);
  });

  it('are not kept when there is nothing, so that asking for nothing pushes nothing out', async () => {
    const { answers, make, made } = counting();
    await answers.get('a', make);
    for (let number = 0; number < 10; number++)
      expect(await answers.get(`none ${number}`, async () => undefined)).toBeUndefined();
    await answers.get('a', make);
    expect(made()).toBe(1);
  });

  it('end with the thing that they were about', async () => {
    const { answers, make, pass } = counting();
    await answers.get('a', make);
    pass(2000);
    expect(await answers.get('a', async () => undefined)).toBeUndefined();
  });

  it('fail for those who wait, and are tried again by the next', async () => {
    const { answers, make } = counting();
    const fail = async (): Promise<string> => {
      throw new Error('no database');
    };
    const all = await Promise.allSettled([answers.get('a', fail), answers.get('a', fail)]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await answers.get('a', make)).toBe('answer 1');
  });
});
