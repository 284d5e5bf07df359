import { Card, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { readServer } from '../../api/session.js';
import { Loaded } from '../../parts/states.jsx';
import { bytesText, wordsOf } from '../../parts/shown.js';

const FACTS_MAX = 6;
const LABELS: Readonly<Record<string, string>> = { fileBytes: 'Size of files', bannedUsers: 'Banned' };

/** The server in a few numbers. */
export function ServerFacts() {
  const query = useQuery({ queryKey: ['server'], queryFn: readServer });
  return (
    <Loaded query={query} rows={2}>
      {({ counts }) => (
        <SimpleGrid component="dl" cols={{ base: 2, xs: 3, lg: 6 }} className="facts">
          {Object.entries(counts)
            .slice(0, FACTS_MAX)
            .map(([name, count]) => (
              <Card key={name} withBorder radius="lg" className="fact">
                <Text component="dt" size="sm" c="dimmed">
                  {LABELS[name] ?? wordsOf(name)}
                </Text>
                <Text component="dd" className="fact-number">
                  {name.endsWith('Bytes') ? bytesText(count) : count.toLocaleString('en')}
                </Text>
              </Card>
            ))}
        </SimpleGrid>
      )}
    </Loaded>
  );
}
