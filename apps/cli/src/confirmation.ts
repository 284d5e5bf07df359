import { createInterface } from 'node:readline/promises';
import { CommandError } from './command-error.js';

/** Asks at the terminal; true when the answer is `expected`, in any case. Throws when nobody can be asked. */
export async function confirmed(question: string, expected: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('This needs --yes when nobody can be asked.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim().toLowerCase() === expected.toLowerCase();
}
