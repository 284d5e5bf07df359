import { createContext, use } from 'react';
import type { Role, Session } from '../api/types.js';
import { mayDo, mayDoAnywhere } from './rights.js';

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in. Inside the gate there is always somebody. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('There is no session here');
  return session;
}

export type May = (role: Role, room?: string) => boolean;

export interface Rights {
  may: May;
  /** In any room, or in the whole server. */
  anywhere(role: Role): boolean;
}

export function useRights(): Rights {
  const session = useSession();
  return { may: useMay(), anywhere: (role) => mayDoAnywhere(session, role) };
}

export function useMay(): May {
  const session = useSession();
  return (role, room) => mayDo(session, role, room);
}
