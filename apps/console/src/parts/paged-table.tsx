import { Button, Group } from '@mantine/core';
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/types.js';
import { DataTable, type Column } from './data-table.jsx';
import { Failure, Loaded } from './states.jsx';

interface PagedTableProps<Item> {
  label: string;
  queryKey: QueryKey;
  load(cursor: string | undefined): Promise<Page<Item>>;
  columns: readonly Column<Item>[];
  keyOf(item: Item): string | number;
  /** Instead of a table without rows. */
  empty: ReactNode;
  refetchIntervalMs?: number;
}

/** A list of the API, page after page. */
export function PagedTable<Item>({
  queryKey,
  load,
  refetchIntervalMs,
  empty,
  ...table
}: PagedTableProps<Item>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: refetchIntervalMs,
  });
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0 && !query.hasNextPage) return empty;
        return (
          <>
            <DataTable {...table} items={items} />
            <Failure error={query.isFetchNextPageError ? query.error : undefined} />
            {query.hasNextPage && (
              <Group justify="center" p="md">
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Load more
                </Button>
              </Group>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
