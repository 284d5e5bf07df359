import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Column<Item> {
  header: string;
  cell(item: Item): ReactNode;
  /** Numbers. */
  isNumeric?: boolean;
  /** Buttons: no heading is seen, and on a phone they stand at the end. */
  isActions?: boolean;
}

interface DataTableProps<Item> {
  /** What the table holds, for screen readers. */
  label: string;
  items: readonly Item[];
  columns: readonly Column<Item>[];
  keyOf(item: Item): string | number;
}

/** A table that becomes a list of facts on a phone. The roles are said because that takes them from the elements. */
export function DataTable<Item>({ label, items, columns, keyOf }: DataTableProps<Item>) {
  return (
    <Table className="data-table" aria-label={label} role="table" highlightOnHover>
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map(({ header, isNumeric, isActions }) => (
            <Table.Th key={header} role="columnheader" className={classOf(isNumeric, isActions)}>
              {isActions ? <span className="visually-hidden">{header}</span> : header}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">
        {items.map((item) => (
          <Table.Tr key={keyOf(item)} role="row">
            {columns.map(({ header, cell, isNumeric, isActions }) => (
              <Table.Td
                key={header}
                role="cell"
                data-label={isActions ? undefined : header}
                className={classOf(isNumeric, isActions)}
              >
                {cell(item)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const classOf = (isNumeric?: boolean, isActions?: boolean): string | undefined =>
  isActions ? 'actions' : isNumeric ? 'numeric' : undefined;
