import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { ModerationRulesService, type RuleKind } from '../../../libs/community/moderation-rules.service.js';
import type { RoomToken } from '../../../libs/protocol/ids.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { printJson, printLine } from './output.js';
import { knownToken } from './room.command.js';
import { assign, describeRules, parseAssignment, parsePath, unset } from './rule-paths.js';

interface Where {
  room?: string;
  json?: true;
}

interface RuleNoun {
  name: 'filter' | 'automod';
  kind: RuleKind;
  description: string;
  help: string;
  examples: readonly string[];
}

/** `plaza filter` and `plaza automod`: rules of the server, or (`--room`) what a room has instead. */
export function rulesCommand(noun: RuleNoun): Command {
  const { name, kind, examples } = noun;
  const command = new Command(name).description(noun.description).addHelpText('after', `\n${noun.help}`);
  at(command.command('show'))
    .description('the rules as they are')
    .option('--json', 'for programs, and for load')
    .addHelpText('after', `\nExample:\n  plaza ${name} show --room fish --json`)
    .action((options: Where) => withInstallation((to) => showRules(to, noun, options)));
  at(command.command('set <key=value...>'))
    .option('--json', 'for programs')
    .description('changes single values; @FILE stands for the lines of a file, a,b,c for a list')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  plaza ${name} set ${line}`).join('\n')}`)
    .action((pairs: string[], where: Where) => {
      const assignments = pairs.map(parseAssignment);
      return withInstallation((to) =>
        change(to, kind, where, (rules, check) => assign(rules, assignments, check)),
      );
    });
  at(command.command('unset <key...>'))
    .description('takes values, or whole rules, away')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExample:\n  plaza ${name} unset ${examples[0]!.split('=')[0]!.split(' ').at(-1)} --room fish`,
    )
    .action((keys: string[], where: Where) => {
      const paths = keys.map(parsePath);
      return withInstallation((to) =>
        change(to, kind, where, (rules, check) => check(paths.reduce<unknown>(unset, rules))),
      );
    });
  at(command.command('load <file>'))
    .description(
      'puts the rules of a JSON file in the place of all that are there (- reads from standard input)',
    )
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExample:\n  plaza ${name} show --json > rules.json; plaza ${name} load rules.json --room fish`,
    )
    .action((file: string, where: Where) => {
      const loaded = jsonOf(file);
      return withInstallation((to) => change(to, kind, where, (_rules, check) => check(loaded)));
    });
  return command;
}

const at = (command: Command): Command =>
  command.option('--room <token>', 'of this room, instead of the whole server');

const tokenOf = ({ room }: Where): RoomToken | undefined =>
  room === undefined ? undefined : knownToken(room);

async function showRules({ get }: Installation, { kind }: RuleNoun, options: Where): Promise<void> {
  const stored = await get(ModerationRulesService).stored(tokenOf(options));
  if (options.json) return printJson(stored[kind]);
  const lines = describeRules(stored[kind]);
  const none =
    options.room === undefined
      ? 'No rules.'
      : `No rules of its own: "${options.room}" has those of the server.`;
  printLine(lines.length > 0 ? lines.join('\n') : none);
}

async function change(
  { get, operator }: Installation,
  kind: RuleKind,
  where: Where,
  by: (rules: unknown, check: (rules: unknown) => unknown) => unknown,
): Promise<void> {
  const service = get(ModerationRulesService);
  const token = tokenOf(where);
  const check = (rules: unknown): unknown => service.check(kind, token, rules);
  const changed = await service.change(operator, token, kind, (rules) => by(rules, check));
  if (where.json) return printJson(changed);
  const lines = describeRules(changed);
  const owner = where.room === undefined ? 'The server' : `Room "${where.room}"`;
  printLine(lines.length === 0 ? `${owner} has no rules of its own now.` : `${owner} has these rules now:`);
  for (const line of lines) printLine(`  ${line}`);
}

function jsonOf(file: string): unknown {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(
      `${file === '-' ? 'Standard input' : file} is not JSON: ${(error as Error).message}`,
    );
  }
}
