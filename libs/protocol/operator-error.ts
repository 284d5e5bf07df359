/**
 * Something that the person who runs the server has to settle: a wrong setting, a missing key, a folder in use. Its
 * text says what is wrong and what to do, and is all that a terminal shows; any other error is a bug and shows its stack.
 */
export class OperatorError extends Error {
  override name = 'OperatorError';
}

/** What to show of an error at a terminal. */
export function terminalText(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  if (isSystemError(error)) return systemText(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The operating system said no: a port in use, a folder that cannot be made. Its message names what it was about. */
const isSystemError = (error: unknown): error is SystemError =>
  typeof (error as SystemError | null)?.syscall === 'string';

type SystemError = NodeJS.ErrnoException & { port?: number };

const systemText = ({ code, port, message }: SystemError): string =>
  code === 'EADDRINUSE'
    ? `Port ${port} is taken by another program, maybe by another Plaza. Stop that one, or choose another port.`
    : message;
