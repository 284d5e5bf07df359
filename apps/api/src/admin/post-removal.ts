import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import type { Actor } from '../../../../libs/community/actor.js';
import { PeopleService } from '../../../../libs/community/people.service.js';
import { PostCleanupService } from '../../../../libs/community/post-cleanup.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { JobProducer } from '../../../../libs/jobs/job-producer.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import { Confirmations } from './confirmations.js';
import type { AdminRequest } from './exchange.js';
import { noSuch, ProblemError } from './problem.js';

/** Deleting everything that somebody posted, which the worker does. */
@Injectable()
export class PostRemoval {
  constructor(
    private readonly people: PeopleService,
    private readonly cleanup: PostCleanupService,
    private readonly jobs: JobProducer,
    private readonly confirmations: Confirmations,
  ) {}

  /** On the whole server: throws 409 unless the request brings what an earlier one was told. */
  async confirm(request: AdminRequest, principal: Principal, sessionId: SessionId): Promise<void> {
    const author = await this.people.known(sessionId);
    const found = author ? await this.cleanup.survey(author.id, null) : { messages: 0, rooms: 0 };
    this.confirmations.demand(request, principal, {
      action: `delete posts of ${author?.id ?? sessionId}`,
      summary: `${found.messages} messages in ${found.rooms} rooms, and their files, will be gone for good.`,
    });
  }

  /** In these rooms, or (undefined) in all; returns the job's id. Throws 404 for somebody who was never here. */
  async start(
    { userId, via, token }: Actor,
    sessionId: SessionId,
    accesses: readonly RoomAccess[] | undefined,
  ): Promise<string> {
    const author = await this.people.known(sessionId);
    if (!author) throw noSuch('user');
    const roomIds = accesses?.map(({ room }) => room.id) ?? null;
    const actor = { userId, via, ...(token !== undefined && { token }) };
    const jobId = await this.jobs.add('delete-posts', { actor, authorId: author.id, roomIds });
    if (jobId === undefined) throw new ProblemError('unavailable', 'The job queue does not answer');
    return jobId;
  }
}
