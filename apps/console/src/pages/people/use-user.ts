import { useQuery } from '@tanstack/react-query';
import { readUser } from '../../api/people.js';

export const useUser = (sessionId: string) =>
  useQuery({ queryKey: ['user', sessionId], queryFn: () => readUser(sessionId) });
