import type { Metrics } from './metrics.js';

/** A pool of connections, and what went through it. */
interface CountedDatabase {
  readonly connections: Readonly<Record<string, number>>;
  readonly statementCounts: ReadonlyMap<string, number>;
}

export interface DatabaseSources {
  /** Of this process, as many as there are now. */
  databases(): readonly CountedDatabase[];
  /** Undefined while it is not known. */
  isUp(): Promise<boolean | undefined> | boolean | undefined;
}

/** The same of a server and of a worker. */
export function addDatabaseMetrics(metrics: Metrics, { databases, isUp }: DatabaseSources): void {
  metrics.gauge({
    name: 'plaza_database_up',
    help: 'Whether PostgreSQL answers',
    aggregator: 'min',
    read: async () => flag(await isUp()),
  });
  metrics.gauge({
    name: 'plaza_database_pool',
    help: 'Connections to PostgreSQL, and who waits for one',
    labelNames: ['state'],
    read: () =>
      [...summed(databases().map(({ connections }) => Object.entries(connections)))].map(
        ([state, value]) => ({
          labels: [state],
          value,
        }),
      ),
  });
  metrics.count({
    name: 'plaza_database_statements_total',
    help: 'Statements sent to PostgreSQL, by name',
    labelNames: ['statement'],
    *counts() {
      for (const [name, count] of summed(databases().map(({ statementCounts }) => statementCounts)))
        yield { labels: [name], count };
    },
  });
}

/** 1 for yes, 0 for no, nothing for what is not known. */
export const flag = (isSo: boolean | undefined): { value: number }[] =>
  known(isSo === undefined ? undefined : Number(isSo));

/** Nothing for what is not known. */
export const known = (value: number | undefined): { value: number }[] =>
  value === undefined ? [] : [{ value }];

function summed(all: readonly Iterable<readonly [string, number]>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const each of all) for (const [name, value] of each) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}
