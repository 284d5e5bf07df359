import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { credentials } from '../api/credentials.js';
import { readSession, redeemLoginLink } from '../api/session.js';
import { Failure } from '../parts/states.jsx';
import { SESSION_KEY } from '../query-client.js';

/** Redeems the code of a link, once, and leaves it out of the address. */
export function LoginLink({ code }: { code: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const started = useRef(false);
  const login = useMutation({
    mutationFn: async () => {
      await redeemLoginLink(code);
      credentials.useCookie();
      const session = await readSession();
      credentials.csrfToken = session.csrfToken;
      return session;
    },
    onSuccess: (session) => {
      navigate('/', { replace: true });
      client.setQueryData(SESSION_KEY, session);
    },
    onError: () => credentials.forget(),
  });
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    login.mutate();
  });
  if (!login.isError)
    return (
      <Group role="status">
        <Loader size="sm" />
        <Text>Signing in…</Text>
      </Group>
    );
  return (
    <Stack>
      <Failure error={login.error} title="This link does not work" />
      <Text size="sm" c="dimmed">
        A link works once, for ten minutes, and only in the browser that asked for it.
      </Text>
      <Button component="a" href="/admin/login" variant="default" fullWidth>
        Ask for a new one
      </Button>
    </Stack>
  );
}
