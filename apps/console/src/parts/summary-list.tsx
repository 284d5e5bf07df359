import { List, Text } from '@mantine/core';
import { wordsOf } from './shown.js';

/** What the server counted: a sentence, or numbers by name. */
export function SummaryList({ summary }: { summary: unknown }) {
  if (typeof summary === 'string') return <Text>{summary}</Text>;
  if (typeof summary !== 'object' || summary === null) return null;
  return (
    <List size="sm">
      {Object.entries(summary).map(([name, value]) => (
        <List.Item key={name}>
          {wordsOf(name)}: {typeof value === 'number' ? value.toLocaleString('en') : String(value)}
        </List.Item>
      ))}
    </List>
  );
}
