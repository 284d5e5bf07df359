import { Injectable } from '@nestjs/common';
import { Secrets } from '../../../../libs/community/admin/secrets.js';
import { headerOf, type AdminReply, type AdminRequest } from './exchange.js';
import { ProblemError } from './problem.js';

const HASH_DIGITS = 16;

/**
 * ETags of single resources: a hash of what can be changed, and one of what else is shown (counts, say). Whoever
 * writes is held to the first alone, since a new post must not keep anybody from renaming the room.
 */
@Injectable()
export class Etags {
  constructor(private readonly secrets: Secrets) {}

  /** Puts the ETag on the answer. */
  put(reply: AdminReply, state: unknown, rest: unknown = ''): void {
    void reply.header('etag', `"${this.hash(state)}.${this.hash(rest)}"`);
  }

  /** Throws 428 when the request does not say what it changes. */
  demand(request: AdminRequest): string {
    const match = headerOf(request, 'if-match');
    if (match !== undefined) return match;
    throw new ProblemError('precondition-required', 'Send the ETag of what you have read as If-Match');
  }

  /** Throws 412 when `state` is not what `match` (of {@link demand}) is about. */
  check(match: string, state: unknown): void {
    const hash = this.hash(state);
    const named = match.split(',').map((each) => each.trim());
    if (named.includes('*') || named.some((each) => each.startsWith(`"${hash}.`))) return;
    throw new ProblemError('precondition-failed', 'It was changed since you read it: read it again');
  }

  private hash(value: unknown): string {
    return this.secrets
      .hash(Buffer.from(JSON.stringify(value)))
      .toString('hex')
      .slice(0, HASH_DIGITS);
  }
}
