import { execFileSync } from 'node:child_process';
import { placesOf } from './completion.command.js';
import { completionScript, SHELLS } from './completion-scripts.js';
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

/** What bash would offer for a line; its last word is the one that is being written. */
function offeredByBash(...words: string[]): string[] {
  const line = ['plaza', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${completionScript('bash', places)}
    COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _plaza; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
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

describe('bash completes', () => {
  it('commands', () => {
    expect(offeredByBash('ro')).toEqual(['room']);
    expect(offeredByBash('room', 'cre')).toEqual(['create']);
  });

  it('options of the command that is being written', () => {
    expect(offeredByBash('room', 'create', 'fish', '--na')).toEqual(['--name']);
    expect(offeredByBash('room', 'create', 'fish', '--name', 'Fish', '--de')).toEqual(['--description']);
    expect(offeredByBash('key', 'show', '--na')).toEqual([]);
  });

  it('values of options, and of commands that take one of several', () => {
    expect(offeredByBash('stats', '--by', '')).toEqual(['day', 'hour']);
    expect(offeredByBash('completion', 'z')).toEqual(['zsh']);
  });
});

describe.each(SHELLS)('the script for %s', (shell) => {
  const script = completionScript(shell, places);

  it('is understood by that shell, where it is installed', () => {
    if (!hasProgram(shell)) return console.log(`Not tried: ${shell} is not installed`);
    expect(() => execFileSync(shell, ['-n'], { input: script })).not.toThrow();
  });

  it('knows every command and every option', () => {
    const words = new Set(places.flatMap((each) => each.words.map(({ word }) => word.replace(/^--/, ''))));
    expect(words.size).toBeGreaterThan(50);
    expect([...words].filter((word) => !script.includes(word))).toEqual([]);
  });
});
