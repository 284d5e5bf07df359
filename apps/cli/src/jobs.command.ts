import { Command, Option } from 'commander';
import { openJobs } from '../../../libs/community/open-job-backend.js';
import { PeopleService } from '../../../libs/community/people.service.js';
import { RoomsService } from '../../../libs/community/rooms.service.js';
import {
  LONG_JOB_STATES,
  LongJobs,
  type LongJobRecord,
  type LongJobState,
} from '../../../libs/jobs/long-jobs.js';
import { CommandError, CommandUsageError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { progressText } from './job-text.js';
import { counted } from '../../../libs/protocol/counted.js';
import { formatTime, printChange, printFields, printJson, printTable } from './output.js';

interface RetryOptions {
  all?: true;
  json?: true;
}

export function jobsCommand(): Command {
  const command = new Command('jobs').description('long jobs: what a worker does, has done, or could not do');
  command
    .command('list')
    .description('all of them, or those in one state; dead ones failed for good')
    .addOption(new Option('--state <state>', 'only these').choices(LONG_JOB_STATES))
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  plaza jobs list\n  plaza jobs list --state dead --json')
    .action((options: { state?: LongJobState; json?: true }) =>
      withInstallation((at) => withJobs(at, (jobs) => listJobs(jobs, options))),
    );
  command
    .command('show <id>')
    .description('one job: what it is about, how far it is, why it failed')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza jobs show 12')
    .action((id: string, options: { json?: true }) =>
      withInstallation((at) => withJobs(at, (jobs) => showJob(at, jobs, id, options))),
    );
  command
    .command('retry [id]')
    .description('let a dead job go on from where it is')
    .option('--all', 'every dead job')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  plaza jobs retry 12\n  plaza jobs retry --all')
    .action((id: string | undefined, options: RetryOptions) =>
      withInstallation((at) => withJobs(at, (jobs) => retryJobs(jobs, id, options))),
    );
  command
    .command('remove <id>')
    .description('forget a dead job')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza jobs remove 12')
    .action((id: string, options: { json?: true }) =>
      withInstallation((at) => withJobs(at, (jobs) => removeJob(jobs, id, options))),
    );
  return command;
}

/** Opens the queue of the installation for as long as `work` takes. */
export async function withJobs<Result>(
  { config, databaseUrl, identity }: Installation,
  work: (jobs: LongJobs) => Promise<Result>,
): Promise<Result> {
  const { publicKeyHex } = identity.keys;
  const jobs = new LongJobs(openJobs({ databaseUrl, redisUrl: config.redisUrl, publicKeyHex }));
  try {
    return await work(jobs);
  } finally {
    await jobs.close();
  }
}

async function listJobs(
  jobs: LongJobs,
  { state, json }: { state?: LongJobState; json?: true },
): Promise<void> {
  const listed = await jobs.list(state && [state]);
  if (json) return printJson(listed);
  const rows = listed.map((job) => [
    job.id,
    job.kind,
    job.state,
    progressText(job.progress),
    `${job.attempts}/${job.attemptsMax}`,
    formatTime(job.addedAt),
    job.reason,
  ]);
  const columns = ['id', 'kind', 'state', 'progress', 'attempts', 'added (UTC)', 'reason'];
  printTable(columns, rows, state ? `There is no job that is ${state}.` : 'There are no jobs.');
}

async function showJob(
  at: Installation,
  jobs: LongJobs,
  id: string,
  { json }: { json?: true },
): Promise<void> {
  const job = await jobs.find(id);
  if (!job) throw noSuchJob(id);
  if (json) return printJson(job);
  printFields({
    id: job.id,
    kind: job.kind,
    state: job.state,
    ...(await subjectOf(at, job)),
    progress: progressText(job.progress),
    attempts: `${job.attempts} of at most ${job.attemptsMax}`,
    'last failure': job.reason,
    'added (UTC)': formatTime(job.addedAt),
    'started (UTC)': job.startedAt && formatTime(job.startedAt),
    'finished (UTC)': job.finishedAt && formatTime(job.finishedAt),
  });
}

/** Whom and what it is about, in words that the operator knows. */
async function subjectOf({ get }: Installation, { payload }: LongJobRecord): Promise<Record<string, string>> {
  const { authorId, roomIds } = payload as { authorId?: unknown; roomIds?: unknown };
  const author = typeof authorId === 'number' ? await get(PeopleService).findById(authorId) : undefined;
  const all = Array.isArray(roomIds) ? await get(RoomsService).all() : [];
  const named = all.filter((room) => (roomIds as unknown[]).includes(room.id)).map(({ token }) => token);
  return {
    ...(author && { user: author.sessionId }),
    rooms: roomIds === null ? 'all' : named.join(', '),
  };
}

async function retryJobs(jobs: LongJobs, id: string | undefined, { all, json }: RetryOptions): Promise<void> {
  if ((id === undefined) === (all === undefined)) throw new CommandUsageError('Name one job, or say --all.');
  if (id !== undefined) {
    if (!(await jobs.retry(id))) throw noDeadJob(id);
    return printChange({ json }, { retried: [id] }, `Job ${id} goes on.`);
  }
  const retried: string[] = [];
  for (const dead of await jobs.list(['dead'])) if (await jobs.retry(dead.id)) retried.push(dead.id);
  const count = retried.length;
  printChange({ json }, { retried }, `${counted(count, 'job')} ${count === 1 ? 'goes' : 'go'} on.`);
}

async function removeJob(jobs: LongJobs, id: string, options: { json?: true }): Promise<void> {
  if (!(await jobs.remove(id))) throw noDeadJob(id);
  printChange(options, { id, removed: true }, `Job ${id} is removed.`);
}

const noSuchJob = (id: string): CommandError =>
  new CommandError(`There is no job ${id}. See: plaza jobs list`);
const noDeadJob = (id: string): CommandError =>
  new CommandError(`There is no dead job ${id}. See: plaza jobs list --state dead`);
