import { Group, Progress, Text } from '@mantine/core';

const HUNDRED = 100;

export function ShareBar({ share }: { share: number }) {
  const percent = Math.round(share * HUNDRED);
  return (
    <Group gap="xs" wrap="nowrap" className="share-bar">
      <Progress value={percent} flex={1} aria-hidden="true" />
      <Text size="sm" c="dimmed">
        {percent} %
      </Text>
    </Group>
  );
}
