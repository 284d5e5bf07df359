/** What may come after the words of a path. */
export interface CompletionPlace {
  /** `room create`; empty at the beginning. */
  path: string;
  /** Commands and options, with what they are. */
  words: readonly { word: string; about: string }[];
  /** Options that take one of several values. */
  choices: readonly { option: string; values: readonly string[] }[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that makes a shell complete `plaza`. Words and values are of our own making: letters, digits, `-`, `_`, `.`. */
export function completionScript(shell: Shell, places: readonly CompletionPlace[]): string {
  return SCRIPTS[shell](places);
}

const SCRIPTS: Readonly<Record<Shell, (places: readonly CompletionPlace[]) => string>> = {
  bash: (places) => `# plaza completion for bash: put it into ~/.local/share/bash-completion/completions/plaza
_plaza() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in
      ${pathPattern(places)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at:$prev" in
${choiceLines(places, (values) => `words="${values}"`)}
    *) case "$at" in
${places.map(({ path, words }) => `      "${path}") words="${words.map(({ word }) => word).join(' ')}" ;;`).join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _plaza plaza
`,
  zsh: (places) => `#compdef plaza
# plaza completion for zsh: put it as _plaza into a folder of $fpath
_plaza() {
  local at="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in
      ${pathPattern(places)}) at="\${at:+$at }$word" ;;
    esac
  done
  local -a found
  case "$at:\${words[CURRENT-1]}" in
${choiceLines(places, (values) => `found=(${values})`)}
    *) case "$at" in
${places.map(({ path, words }) => `      "${path}") found=(${words.map(described).join(' ')}) ;;`).join('\n')}
    esac ;;
  esac
  _describe plaza found || _files
}
# Loaded as a file of $fpath it is called by this; else it makes itself known.
if [ "\${funcstack[1]}" = "_plaza" ]; then _plaza "$@"; else compdef _plaza plaza; fi
`,
  fish: (places) => `# plaza completion for fish: put it into ~/.config/fish/completions/plaza.fish
function __plaza_at
  set -l at
  for word in (commandline -opc)[2..-1]
    switch (string join -- ' ' $at $word)
      case ${quotedPaths(places).join(' ')}
        set -a at $word
    end
  end
  set -l joined (string join -- ' ' $at)
  test "$joined" = "$argv[1]"
end
${places.flatMap(fishLines).join('\n')}
`,
};

const quotedPaths = (places: readonly CompletionPlace[]): string[] =>
  places.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);

const pathPattern = (places: readonly CompletionPlace[]): string => quotedPaths(places).join('|');

const choiceLines = (places: readonly CompletionPlace[], reply: (values: string) => string): string =>
  places
    .flatMap(({ path, choices }) =>
      choices.map(({ option, values }) => `    "${path}:${option}") ${reply(values.join(' '))} ;;`),
    )
    .join('\n');

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A word and what it is, as zsh's _describe takes them. */
const described = ({ word, about }: { word: string; about: string }): string =>
  quoted(`${word}:${about.replaceAll(':', String.raw`\:`)}`);

function fishLines({ path, words, choices }: CompletionPlace): string[] {
  const here = `complete -c plaza -n '__plaza_at "${path}"'`;
  return words.map(({ word, about }) => {
    const values = choices.find(({ option }) => option === word)?.values;
    const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
    return `${here} ${what}${values ? ` -x -a '${values.join(' ')}'` : ''} -d ${quoted(about)}`;
  });
}
