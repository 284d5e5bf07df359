import { execFileSync } from 'node:child_process';
import { itUnless } from '../../../test/support/not-tried.js';
import { placesOf } from './completion.command.js';
import { completionScript, SHELLS, type Shell } from './completion-scripts.js';
import { plaza } from './program.js';

const places = placesOf(plaza());
const place = (path: string) => places.find((each) => each.path === path)!;

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
}

const inQuotes = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** Has each shell say what it would offer for a line; its last word is the one that is being written. */
const ASK: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) =>
    `COMP_WORDS=(${inQuotes(words)}); COMP_CWORD=${words.length - 1}; _plaza; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Stands in for zsh's own, which picks what fits.
  zsh: (words) => `_describe() { print -rl -- \${(M)found:#${words.at(-1)}*} }
    words=(${inQuotes(words)}); CURRENT=${words.length}; _plaza`,
  fish: (words) => `complete -C "${words.join(' ')}"`,
};

function offered(shell: Shell, ...line: string[]): string[] {
  const words = ['plaza', ...line];
  const prelude = shell === 'zsh' ? 'compdef() { : }\n' : '';
  const script = `${prelude}${completionScript(shell, places)}\n${ASK[shell](words)}`;
  const out = execFileSync(shell, ['-c', script], { encoding: 'utf8' });
  // Behind a word, zsh and fish say what it is.
  return out.split('\n').flatMap((each) => /^[^:\t]+/.exec(each)?.[0] ?? []);
}

describe('the places of the command line', () => {
  it('are its commands, down to the last', () => {
    expect(place('').words.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['room', 'ban', '--version']),
    );
    expect(place('room').words.map(({ word }) => word)).toEqual(expect.arrayContaining(['create', 'list']));
    expect(place('room create').words.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['--name', '--description', '--help']),
    );
  });

  it('know which values an option takes', () =>
    expect(place('stats').choices).toEqual([{ option: '--by', values: ['day', 'hour'] }]));

  it('have no word that a shell would take for something else', () => {
    const words = places.flatMap((each) => [
      ...each.words.map(({ word }) => word),
      ...each.choices.flatMap(({ values }) => values),
    ]);
    expect(words.filter((word) => !/^[\w.-]+$/.test(word))).toEqual([]);
  });
});

describe.each(SHELLS.filter(hasProgram))('%s completes', (shell) => {
  it('commands', () => {
    expect(offered(shell, 'ro')).toEqual(['room']);
    expect(offered(shell, 'room', 'cre')).toEqual(['create']);
  });

  it('options of the command that is being written', () => {
    expect(offered(shell, 'room', 'create', 'fish', '--na')).toEqual(['--name']);
    expect(offered(shell, 'room', 'create', 'fish', '--name', 'Fish', '--de')).toEqual(['--description']);
    expect(offered(shell, 'key', 'show', '--na')).toEqual([]);
  });

  it('values of options, and of commands that take one of several', () => {
    expect(offered(shell, 'stats', '--by', '')).toEqual(['day', 'hour']);
    expect(offered(shell, 'completion', 'z')).toEqual(['zsh']);
  });
});

it.each(SHELLS)('the script for %s knows every command and every option', (shell) => {
  const script = completionScript(shell, places);
  const words = new Set(places.flatMap((each) => each.words.map(({ word }) => word.replace(/^--/, ''))));
  expect(words.size).toBeGreaterThan(50);
  expect([...words].filter((word) => !script.includes(word))).toEqual([]);
});

for (const shell of SHELLS.filter((each) => !hasProgram(each)))
  itUnless('it is not installed', `${shell} is asked what it offers`, () => undefined);

it('is tried in bash at least', () => expect(hasProgram('bash')).toBe(true));
