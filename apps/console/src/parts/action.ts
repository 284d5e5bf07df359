import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { reasonOf } from '../api/problem.js';

interface ActionOptions<Input, Output> {
  run(input: Input): Promise<Output>;
  /** What is told when it is done. */
  done?: string | ((input: Input) => string);
  /** What has to be looked up again. */
  changes: readonly QueryKey[];
  /** The failure is shown by whoever asked. */
  isQuiet?: boolean;
  onDone?(output: Output): void;
}

const CLOSE = { 'aria-label': 'Close' };

export const tell = (message: string): void =>
  void notifications.show({ message, color: 'plaza', autoClose: 4_000, closeButtonProps: CLOSE });

export const tellFailure = (error: unknown): void =>
  void notifications.show({
    title: 'That did not work',
    message: reasonOf(error),
    color: 'red',
    autoClose: 8_000,
    closeButtonProps: CLOSE,
  });

/** Something that changes the server: tells the outcome and looks up again what it changed. */
export function useAction<Input, Output = void>(options: ActionOptions<Input, Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: options.run,
    onSuccess: (output, input) => {
      for (const queryKey of options.changes) void client.invalidateQueries({ queryKey });
      const { done } = options;
      if (done !== undefined) tell(typeof done === 'string' ? done : done(input));
      options.onDone?.(output);
    },
    onError: (error) => {
      if (!options.isQuiet) tellFailure(error);
    },
  });
}
