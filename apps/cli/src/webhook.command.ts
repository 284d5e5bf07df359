import { Command } from 'commander';
import { ALL_EVENTS, WEBHOOK_EVENTS } from '../../../libs/community/webhooks/webhook-events.js';
import {
  WebhooksService,
  type Webhook,
  type WebhookEdit,
} from '../../../libs/community/webhooks/webhooks.service.js';
import { CommandError, CommandUsageError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { withInstallation, type Installation } from './installation.js';
import { formatTime, printChange, printFields, printJson, printLine, printTable } from './output.js';
import { knownToken } from './room.command.js';
import { deliveryCommands, parseId, WEBHOOK, type JsonOption } from './webhook-deliveries.js';

interface CreateOptions {
  name: string;
  events: string[];
  room?: string;
  json?: true;
}

export function webhookCommand(): Command {
  const webhook = new Command('webhook').description(
    'programs that are told what happens, for bots and bridges',
  );
  const names = Object.entries(WEBHOOK_EVENTS).map(([name, what]) => `  ${name.padEnd(20)}${what}`);
  webhook
    .command('create <url>')
    .description('make one; its secret is shown this once')
    .requiredOption('--name <name>', 'for people')
    .option('--events <names...>', 'what it is told', [ALL_EVENTS])
    .option('--room <token>', 'of this room only')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nEvents (${ALL_EVENTS} for all):\n${names.join('\n')}\n\ndocs/webhooks.md says what is sent and how to check its signature.` +
        '\n\nExamples:\n  plaza webhook create https://bot.example/hook --name bot' +
        '\n  plaza webhook create https://bot.example/hook --name bot --room fish --events message.posted member.banned',
    )
    .action((url: string, options: CreateOptions) => withInstallation((at) => create(at, url, options)));
  webhook
    .command('list')
    .description('all of them, and how they do')
    .option('--json', 'for programs')
    .action((options: { json?: true }) => withInstallation((at) => list(at, options)));
  webhook
    .command('show')
    .argument('<id>', WEBHOOK, parseId)
    .description('one of them')
    .option('--json', 'for programs')
    .action((id: number, options: { json?: true }) => withInstallation((at) => show(at, id, options)));
  changingCommands(webhook);
  deliveryCommands(webhook);
  return webhook;
}

function changingCommands(webhook: Command): void {
  webhook
    .command('set')
    .argument('<id>', WEBHOOK, parseId)
    .description('change it')
    .option('--name <name>', 'for people')
    .option('--url <url>', 'where it is told')
    .option('--events <names...>', 'what it is told')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza webhook set 3 --events message.posted')
    .action((id: number, { json, ...change }: WebhookEdit & JsonOption) =>
      withInstallation((at) => edit(at, id, change, { json })),
    );
  webhook
    .command('pause')
    .argument('<id>', WEBHOOK, parseId)
    .description('tell it nothing until it is resumed')
    .option('--json', 'for programs')
    .action((id: number, options: JsonOption) =>
      withInstallation((at) => edit(at, id, { paused: true }, options)),
    );
  webhook
    .command('resume')
    .argument('<id>', WEBHOOK, parseId)
    .description('tell it what happens from now on')
    .option('--json', 'for programs')
    .action((id: number, options: JsonOption) =>
      withInstallation((at) => edit(at, id, { paused: false }, options)),
    );
  webhook
    .command('rotate')
    .argument('<id>', WEBHOOK, parseId)
    .description('make a new secret; for a day deliveries are signed with the old one too')
    .option('--json', 'for programs')
    .action((id: number, options: { json?: true }) => withInstallation((at) => rotate(at, id, options)));
  webhook
    .command('delete')
    .argument('<id>', WEBHOOK, parseId)
    .description('remove it, with all that waits for it')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .action((id: number, options: { yes?: true } & JsonOption) =>
      withInstallation((at) => remove(at, id, options)),
    );
}

async function create({ get, operator }: Installation, url: string, options: CreateOptions): Promise<void> {
  const { name, events, json } = options;
  const room = options.room === undefined ? undefined : knownToken(options.room);
  const { webhook, secret } = await get(WebhooksService).create(operator, { name, url, events, room });
  if (json) return printJson({ ...webhookObject(webhook), secret });
  printLine(secret);
  process.stderr.write(`Keep it well: it is not shown again. Try it: plaza webhook test ${webhook.id}\n`);
}

async function list({ get }: Installation, { json }: { json?: true }): Promise<void> {
  const webhooks = await get(WebhooksService).list();
  if (json) return printJson(webhooks.map(webhookObject));
  printTable(
    ['id', 'name', 'where', 'events', 'state', 'url'],
    webhooks.map((webhook) => [
      webhook.id,
      webhook.name,
      webhook.room ?? '(whole server)',
      webhook.events.join(', '),
      stateOf(webhook),
      webhook.url,
    ]),
    'There are no webhooks. Make one: plaza webhook create URL --name NAME',
  );
}

async function show({ get }: Installation, id: number, { json }: { json?: true }): Promise<void> {
  const webhook = await get(WebhooksService).find(id);
  if (json) return printJson(webhookObject(webhook));
  printFields({
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    room: webhook.room ?? '(whole server)',
    events: webhook.events.join(', '),
    state: stateOf(webhook),
    why: webhook.pauseReason,
    'created (UTC)': formatTime(webhook.createdAt),
  });
}

async function edit(
  { get, operator }: Installation,
  id: number,
  change: WebhookEdit,
  { json }: JsonOption,
): Promise<void> {
  if (Object.keys(change).length === 0)
    throw new CommandUsageError('There is nothing to set. See plaza webhook set --help.');
  const webhook = await get(WebhooksService).edit(operator, id, change);
  const sentence = `Webhook ${id} (${webhook.name}) ${webhook.paused ? 'is paused' : 'is told what happens'}.`;
  printChange({ json }, webhookObject(webhook), sentence);
}

async function rotate({ get, operator }: Installation, id: number, { json }: { json?: true }): Promise<void> {
  const secret = await get(WebhooksService).rotateSecret(operator, id);
  if (json) return printJson({ secret });
  printLine(secret);
  process.stderr.write('Keep it well: it is not shown again. The old one goes on to sign for a day.\n');
}

async function remove(
  { get, operator }: Installation,
  id: number,
  { yes, json }: { yes?: true } & JsonOption,
): Promise<void> {
  const { name } = await get(WebhooksService).find(id);
  const question = `Delete webhook ${id} (${name})? Type yes to confirm: `;
  if (!yes && !(await confirmed(question, 'yes'))) throw new CommandError('Nothing was deleted.');
  await get(WebhooksService).delete(operator, id);
  printChange({ json }, { id, name, deleted: true }, `Webhook ${id} is deleted.`);
}

const stateOf = ({ paused, failures }: Webhook): string =>
  paused ? 'paused' : failures > 0 ? `failing (${failures})` : 'works';

const webhookObject = ({ roomId: _roomId, version: _version, ...webhook }: Webhook) => webhook;
