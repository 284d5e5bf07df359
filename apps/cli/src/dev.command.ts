import { Command } from 'commander';
import { FILL_MAX, FillService, type FillWish } from '../../../libs/community/fill.service.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { withInstallation, type Installation } from './installation.js';
import { parseCount } from './option-values.js';
import { counted } from '../../../libs/protocol/counted.js';
import { printChange, ProgressLine } from './output.js';
import { placeOfCommunity } from './reach-community.js';

export function devCommand(): Command {
  const dev = new Command('dev').description('for tests and demonstrations; not for a community of people');
  dev
    .command('fill')
    .description('fills the community with rooms, users without owners, and messages')
    .option('--rooms <n>', 'rooms, called filled-1, filled-2 …', parseCount(1, FILL_MAX.rooms), 10)
    .option('--users <n>', 'users', parseCount(1, FILL_MAX.users), 1000)
    .option('--messages <n>', 'messages in all', parseCount(0, FILL_MAX.messages), 10_000)
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nExample:\n  DATA_DIR=/tmp/demo plaza dev fill --rooms 100 --users 10000 --messages 100000',
    )
    .action((wish: FillWish & { yes?: true; json?: true }) =>
      withInstallation((at) => fill(at, wish), { mayBegin: true }),
    );
  return dev;
}

async function fill(
  { get, config }: Installation,
  { yes, json, ...wish }: FillWish & { yes?: true; json?: true },
): Promise<void> {
  const what = `${counted(wish.rooms, 'room')}, ${counted(wish.users, 'user')} and ${counted(wish.messages, 'message')}`;
  if (!yes && !(await confirmed(`Add ${what} to ${placeOfCommunity(config)}? Type yes to confirm: `, 'yes')))
    throw new CommandError('Nothing was added.');
  const line = new ProgressLine();
  const begun = Date.now();
  await get(FillService).fill(wish, (messages) =>
    line.show(`${messages} of ${counted(wish.messages, 'message')}`),
  );
  line.clear();
  const seconds = Math.ceil((Date.now() - begun) / 1000);
  printChange({ json }, { ...wish, seconds }, `Added ${what} in ${seconds} s.`);
}
