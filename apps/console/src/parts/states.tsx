import { Alert, Button, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiProblem, reasonOf, reasonsOf, type FieldError } from '../api/problem.js';
import { Icon } from './icon.jsx';

const SKELETON_ROWS = 6;

/** While something is loaded: its outline. */
export function LoadingState({ rows = SKELETON_ROWS }: { rows?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading" p="md">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={28} width={`${92 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap={6} py={48} px="md" ta="center">
      <Text fw={600} size="lg">
        {title}
      </Text>
      {children && (
        <Text c="dimmed" maw={460} component="div">
          {children}
        </Text>
      )}
    </Stack>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?(): void }) {
  const isMissing = error instanceof ApiProblem && error.status === 404;
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center" role="alert">
      <Title order={2} size="h4">
        {isMissing ? 'This is not here' : 'This could not be loaded'}
      </Title>
      <Text c="dimmed" maw={460}>
        {isMissing ? 'It was deleted, or you may not see it.' : reasonOf(error)}
      </Text>
      {onRetry && (
        <Button variant="default" mt="sm" onClick={onRetry} leftSection={<Icon name="reload" />}>
          Try again
        </Button>
      )}
    </Stack>
  );
}

interface FailureProps {
  error: unknown;
  title?: string;
  /** What is wrong with a field, where it has another name here. */
  textOf?: ((error: FieldError) => string) | undefined;
}

/** What went wrong with a form or an action; nothing without an error. */
export function Failure({ error, title = 'That did not work', textOf }: FailureProps) {
  if (error === null || error === undefined) return null;
  const reasons = reasonsOf(error, textOf);
  return (
    <Alert color="red" title={title} role="alert">
      {reasons.length === 1 ? (
        reasons[0]
      ) : (
        <List size="sm">
          {reasons.map((reason) => (
            <List.Item key={reason}>{reason}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

/** The three states of something that is loaded, and then itself. */
export function Loaded<Data>({
  query,
  rows,
  children,
}: {
  query: Pick<UseQueryResult<Data>, 'data' | 'isPending' | 'isError' | 'error' | 'refetch'>;
  rows?: number;
  children(data: Data): ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingState rows={rows} />;
}
