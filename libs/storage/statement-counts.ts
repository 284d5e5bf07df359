import type { PoolClient } from 'pg';

const UNNAMED = 'unnamed';
const KEYWORD = /^[A-Z]+$/;

/** Calls `heard` with whatever is to be sent over a connection, whoever sends it, before it goes. */
export function hearQueries(client: PoolClient, heard: (sent: unknown) => void): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const overheard = (...args: unknown[]): unknown => {
    heard(args[0]);
    return query(...args);
  };
  client.query = overheard as typeof client.query;
}

/** Counts what goes over a connection: by name, by keyword (`BEGIN`), or as `unnamed`. */
export function countStatements(client: PoolClient, counts: Map<string, number>): void {
  hearQueries(client, (sent) => {
    const name = nameOf(sent);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
}

function nameOf(sent: unknown): string {
  if (typeof sent === 'string') return KEYWORD.test(sent) ? sent : UNNAMED;
  return (sent as { name?: string } | undefined)?.name ?? UNNAMED;
}
