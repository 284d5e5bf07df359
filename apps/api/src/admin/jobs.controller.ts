import { Delete, Get, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { JobDeskService } from '../../../../libs/community/admin/job-desk.service.js';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { LONG_JOB_STATES, type LongJobRecord } from '../../../../libs/jobs/long-jobs.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing } from './answers.js';
import { PathOf, QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { pageOf, pageQuery, readCursor, writeCursor, type Page } from './paging.js';
import { noSuch } from './problem.js';
import { time } from './schemas/parts.schema.js';
import { isoTime } from '../../../../libs/protocol/clock.js';

const jobState = z.enum(LONG_JOB_STATES);
const jobQuery = pageQuery.extend({
  state: jobState.optional(),
});
const jobResource = z.object({
  id: z.string(),
  kind: z.string(),
  state: jobState.describe('delayed: it failed and waits for its next attempt; dead: it failed for good'),
  progress: z.object({ rooms: z.int(), roomsTotal: z.int(), messages: z.int() }),
  attempts: z.int(),
  attemptsMax: z.int(),
  createdAt: time('When it was added'),
  startedAt: time('Of its latest attempt').optional(),
  finishedAt: time('When it came to its end').optional(),
  failure: z.string().optional().describe('Why its last attempt failed'),
});
const jobId = z
  .string()
  .regex(/^[A-Za-z0-9_:-]{1,64}$/)
  .describe('Id of the job');
const place = z.object({ skip: z.int().nonnegative() });

@AdminController('jobs', 'jobs')
export class JobsController {
  constructor(private readonly jobs: JobDeskService) {}

  @Get()
  @Needs('viewer', 'everywhere')
  @ApiOperation({ summary: 'Long jobs: running, waiting, delayed, dead, done; newest first within each' })
  @Answers(200, 'Jobs', pageOf(jobResource))
  async list(
    @QueryOf(jobQuery) { limit, cursor, state }: z.infer<typeof jobQuery>,
  ): Promise<Page<z.infer<typeof jobResource>>> {
    const skip = readCursor(place, cursor)?.skip ?? 0;
    const all = await this.jobs.list(state && [state]);
    const next = skip + limit;
    return {
      items: all.slice(skip, next).map(showJob),
      ...(all.length > next && { nextCursor: writeCursor({ skip: next }) }),
    };
  }

  @Get(':id')
  @Needs('viewer', 'everywhere')
  @ApiOperation({ summary: 'One job' })
  @Answers(200, 'The job', jobResource)
  async one(@PathOf('id', jobId, 'Which') id: string): Promise<z.infer<typeof jobResource>> {
    const job = await this.jobs.find(id);
    if (!job) throw noSuch('job');
    return showJob(job);
  }

  @Post(':id/retry')
  @Needs('admin', 'everywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Let a dead job go on from where it is' })
  @AnswersNothing('It is tried again')
  async retry(@Asker() { actor }: Principal, @PathOf('id', jobId, 'Which') id: string): Promise<void> {
    if (!(await this.jobs.retry(actor, id))) throw noSuch('dead job');
  }

  @Delete(':id')
  @Needs('admin', 'everywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Forget a dead job' })
  @AnswersNothing('It is forgotten')
  async remove(@Asker() { actor }: Principal, @PathOf('id', jobId, 'Which') id: string): Promise<void> {
    if (!(await this.jobs.remove(actor, id))) throw noSuch('dead job');
  }
}

const showJob = (job: LongJobRecord): z.infer<typeof jobResource> => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  progress: job.progress,
  attempts: job.attempts,
  attemptsMax: job.attemptsMax,
  createdAt: isoTime(job.addedAt),
  ...(job.startedAt !== null && { startedAt: isoTime(job.startedAt) }),
  ...(job.finishedAt !== null && { finishedAt: isoTime(job.finishedAt) }),
  ...(job.reason !== null && { failure: job.reason }),
});
