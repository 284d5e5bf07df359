import { Option, type Command } from 'commander';
import {
  DELIVERY_STATES,
  WebhooksService,
  type DeliveryState,
} from '../../../libs/community/webhooks/webhooks.service.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { parseCount } from './option-values.js';
import { formatTime, printChange, printJson, printLine, printTable } from './output.js';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 1_000;

export const WEBHOOK = 'its number: see plaza webhook list';
export const parseId = parseCount(1, Number.MAX_SAFE_INTEGER);

export interface JsonOption {
  json?: true | undefined;
}

interface DeliveriesOptions {
  state?: DeliveryState;
  before?: number;
  limit: number;
  json?: true;
}

/** What a webhook was told. */
export function deliveryCommands(webhook: Command): void {
  webhook
    .command('test')
    .argument('<id>', WEBHOOK, parseId)
    .description('send a ping now, and see what comes of it')
    .option('--json', 'for programs')
    .action((id: number, options: { json?: true }) => withInstallation((at) => test(at, id, options)));
  webhook
    .command('deliveries')
    .argument('<id>', WEBHOOK, parseId)
    .description('what it was told and what waits, newest first')
    .addOption(new Option('--state <state>', 'only these').choices(DELIVERY_STATES))
    .option('--before <id>', 'only those below this one: the next page', parseId)
    .option('--limit <n>', 'at most', parseCount(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option('--json', 'for programs')
    .action((id: number, options: DeliveriesOptions) =>
      withInstallation((at) => deliveries(at, id, options)),
    );
  webhook
    .command('retry')
    .argument('<id>', WEBHOOK, parseId)
    .argument('<delivery-id>', 'see: plaza webhook deliveries', parseId)
    .description('try a dead delivery again')
    .option('--json', 'for programs')
    .action((id: number, deliveryId: number, options: JsonOption) =>
      withInstallation(async ({ get }) => {
        await get(WebhooksService).retry(id, deliveryId);
        const now = { id: deliveryId, state: 'waiting' };
        printChange(options, now, `Delivery ${deliveryId} waits again.`);
      }),
    );
}

async function test({ get }: Installation, id: number, { json }: { json?: true }): Promise<void> {
  const { ok, status, outcome, durationMs } = await get(WebhooksService).test(id);
  if (json) return printJson({ isTaken: ok, status: status ?? null, outcome, durationMs });
  const answer = `${status ?? 'no answer'} after ${durationMs} ms${outcome === '' ? '' : `: ${outcome}`}`;
  if (!ok) throw new CommandError(`It was not taken: ${answer}`);
  printLine(`It was taken: ${answer}`);
}

async function deliveries(
  { get }: Installation,
  id: number,
  { state, before, limit, json }: DeliveriesOptions,
): Promise<void> {
  const rows = await get(WebhooksService).deliveries(id, { state, beforeId: before, limit });
  if (json) return printJson(rows);
  printTable(
    ['id', 'happened (UTC)', 'event', 'where', 'message', 'state', 'attempts', 'status', 'outcome'],
    rows.map((row) => [
      row.id,
      formatTime(row.happenedAt),
      row.event,
      row.roomToken,
      row.messageId,
      row.state,
      row.attempts,
      row.status,
      row.outcome,
    ]),
    'There are no such deliveries.',
  );
}
