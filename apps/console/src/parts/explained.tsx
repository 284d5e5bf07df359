import { Button, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** What has happened, in a sentence or two, and a way back. */
export function Explained({
  title,
  children,
  onBack,
}: {
  title: string;
  children: ReactNode;
  onBack(): void;
}) {
  return (
    <Stack gap="sm" role="status">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text>{children}</Text>
      <Button variant="default" onClick={onBack} mt="xs">
        Back
      </Button>
    </Stack>
  );
}
