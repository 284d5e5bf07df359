import type { PoolClient } from 'pg';

const UNNAMED = 'unnamed';
const KEYWORD = /^[A-Z]+$/;

/** Counts what goes over a connection, whoever sends it: by name, by keyword (`BEGIN`), or as `unnamed`. */
export function countStatements(client: PoolClient, counts: Map<string, number>): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const counted = (...args: unknown[]): unknown => {
    const name = nameOf(args[0]);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return query(...args);
  };
  client.query = counted as typeof client.query;
}

function nameOf(sent: unknown): string {
  if (typeof sent === 'string') return KEYWORD.test(sent) ? sent : UNNAMED;
  return (sent as { name?: string } | undefined)?.name ?? UNNAMED;
}
