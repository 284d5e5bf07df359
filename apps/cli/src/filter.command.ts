import { Command } from 'commander';
import { ModerationRulesService } from '../../../libs/community/moderation-rules.service.js';
import { ALPHABET_NAMES } from '../../../libs/moderation/alphabet-filter.js';
import { withInstallation, type Installation } from './installation.js';
import { printJson, printLine } from './output.js';
import { knownToken } from './room.command.js';
import { rulesCommand } from './rules.command.js';

const HELP = `Keys:
  profanity.enabled, .silent      look for words; true hides, false rejects with an error
  profanity.builtIn               whether the English list that comes with Plaza counts
  profanity.words                 words of your own: word, two words, word*, *word*, !allowed
  profanity.inheritWords          in a room: whether the server's words count too
  alphabets.names, .silent        scripts that may not be used
  filterModerators                whether moderators are filtered too
  replies                         what is answered, as JSON: [{"type":"*","profileName":"Warden",
                                  "templates":["{mention}, please mind the rules"],"public":false}]

Alphabets: ${ALPHABET_NAMES.join(', ')}.`;

export function filterCommand(): Command {
  const command = rulesCommand({
    name: 'filter',
    kind: 'filters',
    description: 'words and alphabets that rooms do without',
    help: HELP,
    examples: [
      'profanity.enabled=true --room fish',
      'profanity.words=@words.txt profanity.silent=false',
      'alphabets.names=arabic,cyrillic',
    ],
  });
  command
    .command('test <text>')
    .description('says what the filter would make of a message')
    .option('--room <token>', 'of this room, instead of the whole server')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza filter test "what a n1ce day" --room fish')
    .action((text: string, options: { room?: string; json?: true }) =>
      withInstallation((at) => testFilter(at, text, options)),
    );
  return command;
}

async function testFilter(
  { get }: Installation,
  text: string,
  { room, json }: { room?: string; json?: true },
): Promise<void> {
  const token = room === undefined ? undefined : knownToken(room);
  const verdict = await get(ModerationRulesService).tryFilter(token, text);
  if (json) return printJson(verdict);
  if (verdict.pass) return printLine('It passes.');
  const { alphabet, type, silent, reply } = verdict;
  printLine(
    `${silent ? 'It is hidden' : 'It is rejected'}: ${alphabet === undefined ? type : `alphabet ${alphabet}`}.`,
  );
  if (reply)
    printLine(`${reply.profileName} answers ${reply.public ? 'the room' : 'the author'}: ${reply.text}`);
}
