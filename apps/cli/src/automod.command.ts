import { Command } from 'commander';
import { ModerationRulesService } from '../../../libs/community/moderation-rules.service.js';
import { describeAutomod } from '../../../libs/moderation/automod-description.js';
import { withInstallation, type Installation } from './installation.js';
import { printJson, printLine } from './output.js';
import { knownToken } from './room.command.js';
import { rulesCommand } from './rules.command.js';

const HELP = `Every rule is off until it is set. In a room, a rule replaces the server's of the same name; null turns it off.
Moderators are exempt.

Rules:
  flood.posts .seconds                  more posts by one user
  duplicates.copies .seconds .scope     the same text or file again, by one user or everybody
  newMembers.minutes .messages          while somebody is new: .noLinks .noFiles .noMentions .noWriting
  slowMode.seconds                      one post per user in that time
  links.allow .deny .denyAll            domains; .noCommunityLinks .noSessionIds
  mentions.max                          @mentions in one message
  length.charactersMax .linesMax
  files.allowTypes .denyTypes           image/*, application/zip, .exe, executable; .perMessageMax
  images.hashes                         known images, as JSON: [{"kind":"perceptual","hash":"…"}]
  raid.posts.count .posts.seconds       many newcomers at once (or .joins.…): closes writing to those younger
                                        than .newcomerMinutes for .lockSeconds
  directMessages.minPosts .minMinutes   on the server only: .newRecipientsPerDayMax .noBannedSenders

Each of them also takes:
  .action        hide (accepted, never delivered), reject (an error), delete (hide, and what the wave left visible)
  .muteSeconds   and .banSeconds (0: for ever)
  .notify        tell the moderators by whisper
  .dryRun        only record in plaza log what would have been done`;

export function automodCommand(): Command {
  const command = rulesCommand({
    name: 'automod',
    kind: 'automod',
    description: 'rules against floods, spam, raids and the like',
    help: HELP,
    examples: [
      'duplicates.copies=3 duplicates.seconds=600 duplicates.dryRun=true --room fish',
      'flood.posts=6 flood.seconds=20 flood.muteSeconds=600 flood.notify=true',
      'links.deny=spam.example,t.me links.action=delete',
      'directMessages.minPosts=5 directMessages.newRecipientsPerDayMax=10',
    ],
  });
  command
    .command('explain')
    .description('the rules that are in force, in words')
    .option('--room <token>', 'in this room, those of the server included')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza automod explain --room fish')
    .action((options: { room?: string; json?: true }) => withInstallation((at) => explain(at, options)));
  return command;
}

async function explain({ get }: Installation, { room, json }: { room?: string; json?: true }): Promise<void> {
  const token = room === undefined ? undefined : knownToken(room);
  const described = describeAutomod(await get(ModerationRulesService).automodInForce(token));
  if (json) return printJson(described);
  if (described.length === 0) return printLine('No rule is on.');
  for (const { rule, sentence } of described) printLine(`${rule}: ${sentence}`);
}
