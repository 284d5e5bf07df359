/** The command cannot do what was asked. The text is all the person sees. */
export class CommandError extends Error {
  override name = 'CommandError';
}
