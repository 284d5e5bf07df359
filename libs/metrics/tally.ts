/** Different combinations of labels beyond it are counted together, so that nothing a stranger sends makes more of them. */
const SERIES_MAX = 2_000;
const BEYOND = 'other';

/** A count under one combination of labels. */
export interface Counted {
  labels: readonly string[];
  count: number;
}

const known = new Map<string, Tally>();

/**
 * Counts something that happens in this process, by labels, for as long as the process lives: a look into a map, so
 * that it may stand on the path of every request. Tallies belong to the process, as what they count does; whoever
 * serves metrics asks for all of them. No label may say anything about a person.
 */
export class Tally {
  private readonly series = new Map<string, Counted>();

  /** `name` in Prometheus' form: `plaza_…_total`; one tally per name. */
  constructor(
    readonly name: string,
    /** For people: what is counted. */
    readonly help: string,
    readonly labelNames: readonly string[],
  ) {
    if (known.has(name)) throw new Error(`two tallies are called ${name}`);
    known.set(name, this);
  }

  /** As many labels as the tally has names for. */
  add(...labels: string[]): void {
    const key = labels.length === 1 ? labels[0]! : labels.join('\n');
    const counted = this.series.get(key);
    if (counted) counted.count++;
    else this.begin(key, labels);
  }

  counts(): Iterable<Counted> {
    return this.series.values();
  }

  private begin(key: string, labels: readonly string[]): void {
    if (this.series.size < SERIES_MAX) this.series.set(key, { labels, count: 1 });
    else this.addBeyond();
  }

  private addBeyond(): void {
    const labels = this.labelNames.map(() => BEYOND);
    const key = labels.join('\n');
    const counted = this.series.get(key) ?? { labels, count: 0 };
    counted.count++;
    this.series.set(key, counted);
  }
}

/** Those of the modules that are loaded. */
export const allTallies = (): Tally[] => [...known.values()];
