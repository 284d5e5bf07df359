import fc from 'fast-check';
import { FreshValue } from './fresh-value.js';

/** A database with one value, whose answers arrive when the test says so. */
class SlowSource {
  stored = { version: 0 };
  readonly pending: (() => void)[] = [];
  loads = 0;
  private failure: Error | undefined;

  readonly load = async (): Promise<{ version: number }> => {
    this.loads++;
    const { stored, failure } = this; // the snapshot is taken when the query begins …
    await new Promise<void>((resolve) => this.pending.push(resolve)); // … and arrives later
    if (failure) throw failure;
    return stored;
  };

  failFrom(failure: Error | undefined): void {
    this.failure = failure;
  }

  async answer(): Promise<void> {
    this.pending.shift()?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

describe('a fresh value', () => {
  let source: SlowSource;
  let value: FreshValue<{ version: number }>;
  beforeEach(() => {
    source = new SlowSource();
    value = new FreshValue(source.load);
  });

  const loaded = async (): Promise<void> => {
    const reading = value.read();
    await source.answer();
    await reading;
  };
  const write = (): void => {
    source.stored = { version: source.stored.version + 1 };
    value.markStale();
  };

  it('is loaded once for all who ask meanwhile, and then at hand', async () => {
    const readers = [value.read(), value.read(), value.read()];
    await source.answer();
    expect(await Promise.all(readers)).toEqual([{ version: 0 }, { version: 0 }, { version: 0 }]);
    expect(value.read()).toEqual({ version: 0 });
    expect(source.loads).toBe(1);
  });

  it('is not what was read before a change for whoever asks after it', async () => {
    const before = value.read();
    write();
    const after = value.read();
    await source.answer();
    expect(await before).toEqual({ version: 0 });
    expect(value.current).toBeUndefined();
    await source.answer();
    expect(await after).toEqual({ version: 1 });
    expect(value.current).toEqual({ version: 1 });
  });

  it('is loaded in turn, however many changes come meanwhile', async () => {
    const readers = [value.read()];
    for (let count = 0; count < 5; count++) {
      write();
      readers.push(value.read());
    }
    expect(source.pending).toHaveLength(1);
    await source.answer();
    expect(source.pending).toHaveLength(1);
    await source.answer();
    expect((await Promise.all(readers)).map(({ version }) => version)).toEqual([0, 5, 5, 5, 5, 5]);
    expect(source.loads).toBe(2);
  });

  it('fails for those who waited, and is loaded again for the next', async () => {
    source.failFrom(new Error('away'));
    const readers = [value.read(), value.read()].map((reading) => expect(reading).rejects.toThrow('away'));
    await source.answer();
    await Promise.all(readers);
    source.failFrom(undefined);
    await loaded();
    expect(value.current).toEqual({ version: 0 });
  });

  it('can be replaced by what somebody saw who looked after it was loaded', async () => {
    await loaded();
    expect(value.replace({ version: 7 }, value.basis())).toBe(true);
    expect(value.read()).toEqual({ version: 7 });
  });

  it('is not replaced when it changed, was loaded or is being loaded since', async () => {
    const early = value.basis();
    expect(value.replace({ version: 7 }, early)).toBe(false);
    await loaded();
    expect(value.replace({ version: 7 }, early)).toBe(false);
    const basis = value.basis();
    write();
    expect(value.replace({ version: 7 }, basis)).toBe(false);
    const late = value.basis();
    const reading = value.read();
    expect(value.replace({ version: 7 }, late)).toBe(false);
    await source.answer();
    expect(await reading).toEqual({ version: 1 });
  });

  it('never goes back, and shows whoever asks all that was written before', async () => {
    const step = fc.constantFrom('write' as const, 'read' as const, 'answer' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const slow = new SlowSource();
        const fresh = new FreshValue(slow.load);
        const seen: number[] = [];
        const readings: Promise<void>[] = [];
        for (const kind of steps) {
          if (kind === 'answer') await slow.answer();
          else if (kind === 'write') {
            slow.stored = { version: slow.stored.version + 1 };
            fresh.markStale();
          } else {
            const written = slow.stored.version;
            const reading = Promise.resolve(fresh.read()).then(({ version }) => {
              expect(version).toBeGreaterThanOrEqual(written);
              seen.push(version);
            });
            readings.push(reading);
          }
        }
        while (slow.pending.length > 0) await slow.answer();
        await Promise.all(readings);
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
      }),
    );
  });
});
