import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { credentials } from './api/credentials.js';
import { ApiProblem } from './api/problem.js';

export const SESSION_KEY = ['session'];

const RETRIES_MAX = 2;

/**
 * What is shown stays while it is looked up again; what the server refused is not asked again. Nothing waits for a
 * network to come back: it would be carried out when nobody expects it any more, maybe after Cancel.
 */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: signOutIfRefused }),
  mutationCache: new MutationCache({ onError: signOutIfRefused }),
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 10_000,
      retry: (failures, error) => failures < RETRIES_MAX && isPassing(error),
    },
  },
});

const isPassing = (error: unknown): boolean =>
  error instanceof ApiProblem && (error.status === 0 || error.status >= 502);

/** The token was revoked, or the session is over. */
function signOutIfRefused(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401) forgetSession();
}

/** Nobody is signed in from here on, and nothing is left of what somebody saw. */
export function forgetSession(): void {
  credentials.forget();
  queryClient.setQueryData(SESSION_KEY, null);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
}
