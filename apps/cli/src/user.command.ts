import { Command } from 'commander';
import { PeopleService } from '../../../libs/community/people.service.js';
import { PostCleanupService } from '../../../libs/community/post-cleanup.service.js';
import type { LongJobs } from '../../../libs/jobs/long-jobs.js';
import { Database } from '../../../libs/storage/database.js';
import { isWorkerThere } from '../../../libs/storage/worker-session.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { followJob } from './follow-job.js';
import { withInstallation, type Installation } from './installation.js';
import { withJobs } from './jobs.command.js';
import { knownSessionId } from './option-values.js';
import { counted } from '../../../libs/protocol/counted.js';
import { printJson, printLine } from './output.js';
import { directoryCommands } from './user-directory.js';
import { rightsCommands } from './user-rights.js';
import { withOwnWorker } from './own-worker.js';
import { operatorAccesses } from './scope-options.js';

interface DeleteOptions {
  room?: string[];
  yes?: true;
  wait: boolean;
  json?: true;
}

/** Whose posts, where (null: everywhere), and how many there are. */
interface Target {
  authorId: number;
  roomIds: number[] | null;
  found: { rooms: number; messages: number };
}

export function userCommand(): Command {
  const user = new Command('user').description('members of this community');
  directoryCommands(user);
  rightsCommands(user);
  user
    .command('delete-posts <session-id>')
    .description('delete everything that somebody posted and uploaded, in all rooms or in some')
    .option('--room <tokens...>', 'in these rooms only')
    .option('--yes', 'do not ask')
    .option('--wait', 'stay until it is done', true)
    .option('--no-wait', 'leave it to the worker')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nA worker does it, room by room; this command shows how far it is. Ctrl-C leaves the job to the worker:' +
        '\nplaza jobs list tells about it. Where no worker runs, the command does it itself, and after Ctrl-C the' +
        '\nnext worker (npm start) does the rest.' +
        '\n\nExamples:\n  plaza user delete-posts 15… --yes\n  plaza user delete-posts 05… --room fish birds --no-wait',
    )
    .action((id: string, options: DeleteOptions) =>
      withInstallation((at) => withJobs(at, (jobs) => deletePosts(at, jobs, id, options))),
    );
  return user;
}

async function deletePosts(
  at: Installation,
  jobs: LongJobs,
  id: string,
  options: DeleteOptions,
): Promise<void> {
  const { authorId, roomIds, found } = await targetOf(at, id, options);
  if (found.rooms === 0) return printNothing(id, options);
  const what = `${counted(found.messages, 'message')} of ${id} in ${counted(found.rooms, 'room')}`;
  const question = `Delete ${what}, and their files? Type yes to confirm: `;
  if (!options.yes && !(await confirmed(question, 'yes'))) throw new CommandError('Nothing was deleted.');
  const hasWorker = await isWorkerThere(at.get(Database));
  const jobId = await jobs.add('delete-posts', { actor: at.operator, authorId, roomIds });
  if (!options.wait) return printAdded(jobId, hasWorker, options);
  const see = `See: plaza jobs show ${jobId}`;
  const follow = async () =>
    hasWorker
      ? followJob(jobs, jobId, `The worker goes on with job ${jobId}. ${see}`)
      : withOwnWorker(at, () => followJob(jobs, jobId, `The next worker goes on with job ${jobId}. ${see}`));
  const { progress } = await follow();
  if (options.json) return printJson({ jobId, rooms: progress.rooms, messages: progress.messages });
  printLine(`Deleted ${counted(progress.messages, 'message')} in ${counted(progress.rooms, 'room')}.`);
}

async function targetOf(installation: Installation, id: string, { room }: DeleteOptions): Promise<Target> {
  const { get } = installation;
  const sessionId = knownSessionId(id);
  const author = await get(PeopleService).known(sessionId);
  if (!author) throw new CommandError(`${id} was never here.`);
  const accesses = room && (await operatorAccesses(installation, room));
  const roomIds = accesses?.map((access) => access.room.id) ?? null;
  return { authorId: author.id, roomIds, found: await get(PostCleanupService).survey(author.id, roomIds) };
}

function printNothing(id: string, { json }: DeleteOptions): void {
  if (json) return printJson({ jobId: null, rooms: 0, messages: 0 });
  printLine(`There is nothing by ${id}.`);
}

function printAdded(jobId: string, hasWorker: boolean, { json }: DeleteOptions): void {
  if (json) return printJson({ jobId });
  printLine(
    hasWorker
      ? `Job ${jobId} is with the worker. See: plaza jobs show ${jobId}`
      : `Job ${jobId} waits for a worker; none is running.`,
  );
}
