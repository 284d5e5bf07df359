import { FairLimit } from './fair-limit.js';

/** Work that ends when it is told to. */
class Works {
  readonly begun: string[] = [];
  readonly results: Promise<string>[] = [];
  private readonly ends = new Map<string, (error?: Error) => void>();

  constructor(private readonly limit: FairLimit<string>) {}

  add(...names: string[]): void {
    for (const name of names)
      this.results.push(
        this.limit.run(name[0]!, () => {
          this.begun.push(name);
          return new Promise((resolve, reject) =>
            this.ends.set(name, (error) => (error ? reject(error) : resolve(name))),
          );
        }),
      );
  }

  async end(name: string, error?: Error): Promise<void> {
    this.ends.get(name)!(error);
    await new Promise(setImmediate);
  }
}

describe('what may run at a time', () => {
  it('is so many, others wait', async () => {
    const works = new Works(new FairLimit(2));
    works.add('a1', 'a2', 'a3');
    expect(works.begun).toEqual(['a1', 'a2']);
    await works.end('a2');
    expect(works.begun).toEqual(['a1', 'a2', 'a3']);
    await works.end('a1');
    await works.end('a3');
    expect(await Promise.all(works.results)).toEqual(['a1', 'a2', 'a3']);
  });

  it('is handed on by what fails, too', async () => {
    const works = new Works(new FairLimit(1));
    works.add('a1', 'a2');
    const failing = expect(works.results[0]).rejects.toThrow('no');
    await works.end('a1', new Error('no'));
    await failing;
    expect(works.begun).toEqual(['a1', 'a2']);
  });

  it('goes to each key in turn, however many wait for one of them', async () => {
    const works = new Works(new FairLimit(1));
    works.add('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
    for (let at = 0; at < 7; at++) await works.end(works.begun[at]!);
    expect(works.begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('is all there again when everything ended', async () => {
    const works = new Works(new FairLimit(2));
    works.add('a1', 'b1', 'b2');
    for (const name of ['a1', 'b1', 'b2']) await works.end(name);
    works.add('a2', 'a3', 'a4');
    expect(works.begun.slice(3)).toEqual(['a2', 'a3']);
  });
});
