import { Group, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

interface PageHeadProps {
  title: string;
  /** Under the title. */
  note?: ReactNode;
  /** Buttons beside it. */
  children?: ReactNode;
}

/** The heading of a page. It takes the focus when the page is opened, so that screen readers say where one is. */
export function PageHead({ title, note, children }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Plaza console`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
      <div className="page-title">
        <Title order={1} size="h2" ref={heading} tabIndex={-1} className="wrap-anywhere">
          <bdi>{title}</bdi>
        </Title>
        {note && (
          <Text c="dimmed" component="div">
            {note}
          </Text>
        )}
      </div>
      {children && <Group gap="sm">{children}</Group>}
    </Group>
  );
}
