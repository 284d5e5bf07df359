import { Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface CardProps {
  title?: string;
  note?: ReactNode;
  /** Tables go to the edge. */
  isFlush?: boolean;
  children: ReactNode;
}

export function Card({ title, note, isFlush, children }: CardProps) {
  return (
    <Paper component="section" withBorder radius="lg" className={isFlush ? 'card flush' : 'card'}>
      {title && (
        <div className="card-head">
          <Title order={2} size="h4">
            {title}
          </Title>
          {note && (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          )}
        </div>
      )}
      {children}
    </Paper>
  );
}
