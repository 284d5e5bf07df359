import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../libs/config/project-root.js';
import { plaza } from './program.js';

/** Every option of the reference server's own command line. */
const REFERENCE_OPTIONS = [
  '--add-room',
  '--name',
  '--description',
  '--delete-room',
  '--yes',
  '--rooms',
  '--add-moderators',
  '--admin',
  '--visible',
  '--hidden',
  '--delete-moderators',
  '--add-perms',
  '--remove-perms',
  '--clear-perms',
  '--users',
  '--list-rooms',
  '-L',
  '--list-global-mods',
  '-M',
  '--verbose',
  '--initialize',
  '--upgrade',
  '--check-upgrades',
  '--version',
];

const program = plaza();
const document = readFileSync(join(projectRoot, 'docs', 'command-line.md'), 'utf8');
const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');

/** What is wrong with a command as it is written somewhere; undefined when there is one like it. */
function problemOf(written: string): string | undefined {
  let command: Command = program;
  const words = written
    .replace(/[[\]()|]/g, ' ')
    .split(/\s+/)
    .slice(1);
  for (const word of words) {
    if (word.startsWith('--')) {
      const name = word.replace(/[=…].*$/, '');
      if (!command.options.some(({ long }) => long === name)) return `${written}: no option ${name}`;
      continue;
    }
    const child = command.commands.find((each) => each.name() === word);
    if (child) command = child;
    else if (command.commands.length > 0) return `${written}: no command ${word}`;
  }
  return undefined;
}

const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:`|npx )(plaza [a-z-][^`\n>]*)/g)].map(([, command]) =>
    command!.split(/ {2,}#| # /)[0]!.trim(),
  );

describe('the commands that the documents name', () => {
  it('are there, with their options', () => {
    const written = commandsIn(document);
    expect(written.length).toBeGreaterThan(30);
    expect(written.flatMap((each) => problemOf(each) ?? [])).toEqual([]);
  });

  it('so one that is not there is found out', () => {
    expect(problemOf('plaza rome list')).toMatch(/no command rome/);
    expect(problemOf('plaza room lost')).toMatch(/no command lost/);
    expect(problemOf('plaza room list --yaml')).toMatch(/no option --yaml/);
    expect(problemOf('plaza room show fish --json')).toBeUndefined();
  });

  it('have a counterpart for each option of the reference server', () => {
    const theirs = document
      .split('\n')
      .flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1]!] : []));
    const named = new Set(theirs.flatMap((cell) => cell.match(/(?<![\w-])--?[A-Za-z][\w-]*/g) ?? []));
    expect(REFERENCE_OPTIONS.filter((option) => !named.has(option))).toEqual([]);
    expect([...named].filter((option) => !REFERENCE_OPTIONS.includes(option))).toEqual([]);
  });
});

/** `plaza key show`, down to the last command, without what is for developers. */
const leaves = (command: Command, path: string): string[] =>
  command.commands.length === 0
    ? [path]
    : command
        .createHelp()
        .visibleCommands(command)
        .filter((child) => child.name() !== 'help')
        .flatMap((child) => leaves(child, `${path} ${child.name()}`));

describe('every command', () => {
  const WITHOUT_JSON = new Set([
    'plaza completion', // prints a program for a shell
  ]);

  it('answers programs too, with --json', () => {
    const without = leaves(program, 'plaza')
      .map((path) =>
        path.split(' ').slice(0, 2).join(' ') === 'plaza completion' ? 'plaza completion' : path,
      )
      .filter((path) => !WITHOUT_JSON.has(path))
      .filter((path) => problemOf(`${path} --json`) !== undefined);
    expect(without).toEqual([]);
  });
});

describe('the table of commands in the README', () => {
  it('names every noun', () => {
    const nouns = new Set(leaves(program, 'plaza').map((path) => path.split(' ').slice(0, 2).join(' ')));
    expect([...nouns].filter((noun) => noun !== 'plaza dev' && !readme.includes(`\`${noun}`))).toEqual([]);
  });
});
