import type { QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem, type ProblemBody } from '../api/problem.js';
import { useAction } from './action.js';

interface ConfirmedActionOptions {
  /** Carries the confirmation once there is one. */
  run(confirmationToken: string | undefined): Promise<unknown>;
  changes: readonly QueryKey[];
  /** A failure of the first call is told, since nothing is open yet that would show it. */
  tellsFirstFailure?: boolean;
  onDone(): void;
}

/**
 * Something that the server may want to be asked twice. It refuses the first call with a summary of what would be
 * gone; that is `asked` from then on, until it is dropped or the next call is done.
 */
export function useConfirmedAction({ run, changes, tellsFirstFailure, onDone }: ConfirmedActionOptions) {
  const [asked, setAsked] = useState<ProblemBody>();
  const { mutate, isPending, error, reset } = useAction<void, boolean>({
    run: async () => {
      try {
        await run(asked?.confirmationToken);
        return true;
      } catch (failure) {
        if (!(failure instanceof ApiProblem) || failure.kind !== 'confirmation-required') throw failure;
        setAsked(failure.body);
        return false;
      }
    },
    changes,
    isQuiet: !tellsFirstFailure || asked !== undefined,
    onDone: (isDone) => {
      if (!isDone) return;
      setAsked(undefined);
      onDone();
    },
  });
  const drop = (): void => {
    reset();
    setAsked(undefined);
  };
  return { act: () => mutate(), isBusy: isPending, error, asked, drop };
}
