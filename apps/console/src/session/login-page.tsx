import {
  Box,
  Button,
  Group,
  Image,
  Paper,
  PasswordInput,
  Stack,
  Tabs,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore, type FormEvent } from 'react';
import { credentials } from '../api/credentials.js';
import { requestLoginLink, readSession } from '../api/session.js';
import { SchemeMenu } from '../layout/scheme-menu.jsx';
import { Explained } from '../parts/explained.jsx';
import { Failure } from '../parts/states.jsx';
import { SESSION_KEY } from '../query-client.js';
import { LoginLink } from './login-link.jsx';
import { codeOfLink } from './login-code.js';

const onHashChange = (tell: () => void): (() => void) => {
  window.addEventListener('hashchange', tell);
  return () => window.removeEventListener('hashchange', tell);
};

const SESSION_ID = /^(?:05|15)[0-9a-f]{64}$/i;

export function LoginPage() {
  // A link may be opened in the very tab that asked for it: then only the fragment changes.
  const code = codeOfLink(useSyncExternalStore(onHashChange, () => location.hash));
  return (
    <Box component="main" className="login">
      <Paper className="login-card" withBorder radius="lg">
        <Group justify="space-between" wrap="nowrap" mb="lg">
          <Group gap="sm" wrap="nowrap">
            <Image src="/pages/plaza.svg" alt="" w={36} h={36} />
            <div>
              <Title order={1} size="h3">
                Plaza console
              </Title>
              <Text size="sm" c="dimmed">
                {location.host}
              </Text>
            </div>
          </Group>
          <SchemeMenu />
        </Group>
        {code === undefined ? <LoginWays /> : <LoginLink key={code} code={code} />}
      </Paper>
    </Box>
  );
}

function LoginWays() {
  return (
    <Tabs defaultValue="session" keepMounted={false}>
      <Tabs.List grow mb="md">
        <Tabs.Tab value="session">Session ID</Tabs.Tab>
        <Tabs.Tab value="token">Access token</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="session">
        <LinkForm />
      </Tabs.Panel>
      <Tabs.Panel value="token">
        <TokenForm />
      </Tabs.Panel>
    </Tabs>
  );
}

function LinkForm() {
  const [sessionId, setSessionId] = useState('');
  const link = useMutation({ mutationFn: requestLoginLink });
  const isWhole = SESSION_ID.test(sessionId.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isWhole) link.mutate(sessionId.trim().toLowerCase());
  };
  if (link.isSuccess)
    return (
      <Explained title="Look into Session" onBack={() => link.reset()}>
        If this ID moderates here, the community has sent it a message with a link. Open it in this browser
        within ten minutes; it works once.
      </Explained>
    );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Your Session ID"
          description="You get a message with a link that signs you in."
          placeholder="05…"
          value={sessionId}
          onChange={(event) => setSessionId(event.currentTarget.value)}
          error={
            sessionId.trim().length >= 66 && !isWhole
              ? 'This is no Session ID: 05 and 64 hexadecimal digits.'
              : undefined
          }
          autoComplete="username"
          spellCheck={false}
          classNames={{ input: 'code-input' }}
          required
          withAsterisk={false}
        />
        <Failure error={link.error} />
        <Button type="submit" fullWidth size="md" disabled={!isWhole} loading={link.isPending}>
          Send me a link
        </Button>
      </Stack>
    </form>
  );
}

function TokenForm() {
  const [token, setToken] = useState('');
  const client = useQueryClient();
  const login = useMutation({
    mutationFn: async (text: string) => {
      credentials.useToken(text);
      return readSession();
    },
    onSuccess: (session) => client.setQueryData(SESSION_KEY, session),
    onError: () => credentials.forget(),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') login.mutate(token.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <PasswordInput
          label="Access token"
          description="Made by plaza token create. It is kept until this tab is closed."
          placeholder="plz_…"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
          withAsterisk={false}
        />
        <Failure error={login.error} title="This token does not work" />
        <Button type="submit" fullWidth size="md" disabled={token.trim() === ''} loading={login.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
