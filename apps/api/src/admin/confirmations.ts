import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { Secrets } from '../../../../libs/community/admin/secrets.js';
import { Clock, isoTime } from '../../../../libs/protocol/clock.js';
import { headerOf, type AdminRequest } from './exchange.js';
import { ProblemError } from './problem.js';

const VALID_SECONDS = 300;
const TOKEN = /^([0-9]{1,12})\.([A-Za-z0-9_-]{43})$/;

/**
 * What destroys is asked for twice: the first answer says what would be gone and gives a proof that it was said, which
 * the second request brings along. The proof is for this principal, this action and five minutes.
 */
@Injectable()
export class Confirmations {
  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** `action` names everything that is to happen, down to what it happens to. Throws 409 unless it is confirmed. */
  demand(request: AdminRequest, { key }: Principal, { action, summary }: Confirmable): void {
    const now = this.clock.nowSeconds();
    const [, expires, proof] = TOKEN.exec(headerOf(request, 'x-confirmation-token') ?? '') ?? [];
    if (expires !== undefined && proof !== undefined && Number(expires) > now) {
      const expected = this.proofOf(key, action, Number(expires));
      if (this.secrets.isEqual(Buffer.from(proof), Buffer.from(expected))) return;
    }
    const expiresAt = Math.floor(now) + VALID_SECONDS;
    throw new ProblemError('confirmation-required', summary, {
      confirmationToken: `${expiresAt}.${this.proofOf(key, action, expiresAt)}`,
      expiresAt: isoTime(expiresAt),
      summary,
    });
  }

  private proofOf(key: string, action: string, expiresAt: number): string {
    return this.secrets.proof('confirmation', JSON.stringify([key, action, expiresAt])).toString('base64url');
  }
}

export interface Confirmable {
  action: string;
  /** For people: what will be gone. */
  summary: string;
}
