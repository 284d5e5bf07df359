import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type CompletionPlace, type Shell } from './completion-scripts.js';
import { printLine } from './output.js';

export function completionCommand(): Command {
  const completion: Command = new Command('completion')
    .description('a script with which a shell completes plaza commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  plaza completion bash > ~/.local/share/bash-completion/completions/plaza' +
        '\n  plaza completion zsh > ~/.zfunc/_plaza' +
        '\n  plaza completion fish > ~/.config/fish/completions/plaza.fish',
    )
    .action((shell: Shell) => printLine(completionScript(shell, placesOf(completion.parent!)).trimEnd()));
  return completion;
}

/** Every place in a tree of commands, hidden ones left out. */
export function placesOf(command: Command, path = ''): CompletionPlace[] {
  const shown = command.createHelp();
  const children = shown.visibleCommands(command).filter((child) => child.name() !== 'help');
  const options = shown
    .visibleOptions(command)
    .flatMap(({ long, description, argChoices }) =>
      long ? [{ word: long, about: firstLine(description), values: argChoices }] : [],
    );
  const words = [
    ...children.map((child) => ({ word: child.name(), about: firstLine(child.description()) })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, about: firstLine(description) })),
    ),
    ...options.map(({ word, about }) => ({ word, about })),
  ];
  const choices = options.flatMap(({ word, values }) => (values ? [{ option: word, values }] : []));
  const below = children.flatMap((child) =>
    placesOf(child, path === '' ? child.name() : `${path} ${child.name()}`),
  );
  return [{ path, words, choices }, ...below];
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
