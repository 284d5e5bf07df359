import { Injectable } from '@nestjs/common';
import { CleaningRightsService } from '../../../../libs/community/admin/cleaning-rights.service.js';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { PeopleService } from '../../../../libs/community/people.service.js';
import { PostCleanupService } from '../../../../libs/community/post-cleanup.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { JobProducer } from '../../../../libs/jobs/job-producer.js';
import { counted } from '../../../../libs/protocol/counted.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import { Confirmations } from './confirmations.js';
import type { AdminRequest } from './exchange.js';
import { noSuch, ProblemError } from './problem.js';

/** Deleting everything that somebody posted, which the worker does. */
@Injectable()
export class PostRemoval {
  constructor(
    private readonly people: PeopleService,
    private readonly rights: CleaningRightsService,
    private readonly cleanup: PostCleanupService,
    private readonly jobs: JobProducer,
    private readonly confirmations: Confirmations,
  ) {}

  /** Throws 403 for what {@link start} would refuse, before anything else is done. */
  async check(
    principal: Principal,
    sessionId: SessionId,
    accesses: readonly RoomAccess[] | undefined,
  ): Promise<void> {
    const author = await this.people.known(sessionId);
    if (author) await this.rights.roomsFor(principal, author, accesses);
  }

  /** On the whole server: throws 409 unless the request brings what an earlier one was told. */
  async confirm(request: AdminRequest, principal: Principal, sessionId: SessionId): Promise<void> {
    const author = await this.people.known(sessionId);
    const found = author
      ? await this.cleanup.survey(author.id, await this.rights.roomsFor(principal, author, undefined))
      : { messages: 0, rooms: 0 };
    this.confirmations.demand(request, principal, {
      action: `delete posts of ${author?.id ?? sessionId}`,
      summary: `${counted(found.messages, 'message')} in ${counted(found.rooms, 'room')}, with all files, will be gone for good.`,
    });
  }

  /**
   * In these rooms, or (undefined) in all where the principal may; returns the job's id. Throws 404 for somebody who
   * was never here, 403 for an admin's posts where the principal is none.
   */
  async start(
    principal: Principal,
    sessionId: SessionId,
    accesses: readonly RoomAccess[] | undefined,
  ): Promise<string> {
    const author = await this.people.known(sessionId);
    if (!author) throw noSuch('user');
    const roomIds = await this.rights.roomsFor(principal, author, accesses);
    const { userId, via, token } = principal.actor;
    const actor = { userId, via, ...(token !== undefined && { token }) };
    const jobId = await this.jobs.add('delete-posts', { actor, authorId: author.id, roomIds });
    if (jobId === undefined) throw new ProblemError('unavailable', 'The job queue does not answer');
    return jobId;
  }
}
