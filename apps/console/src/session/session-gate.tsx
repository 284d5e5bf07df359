import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { credentials } from '../api/credentials.js';
import { ApiProblem } from '../api/problem.js';
import { readSession } from '../api/session.js';
import type { Session } from '../api/types.js';
import { ErrorState } from '../parts/states.jsx';
import { SESSION_KEY } from '../query-client.js';
import { LoginPage } from './login-page.jsx';
import { SessionContext } from './session.js';

/** Shows its children to whoever is signed in, and everybody else how to. */
export function SessionGate({ children }: { children: ReactNode }) {
  const query = useQuery({ queryKey: SESSION_KEY, queryFn: openSession, staleTime: Infinity });
  if (query.isPending)
    return (
      <Center mih="100vh">
        <Loader aria-label="Signing in" />
      </Center>
    );
  if (query.isError)
    return (
      <Center mih="100vh" p="md">
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Center>
    );
  return query.data ? <SessionContext value={query.data}>{children}</SessionContext> : <LoginPage />;
}

/** Null when nobody is signed in. Nothing is asked where there is nothing to sign in with. */
async function openSession(): Promise<Session | null> {
  if (!credentials.areThere) return null;
  try {
    const session = await readSession();
    credentials.csrfToken = session.csrfToken;
    return session;
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
    credentials.forget();
    return null;
  }
}
