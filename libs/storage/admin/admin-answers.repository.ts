import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database.js';

/** An answer as it was given. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  /** Undefined for an empty one. */
  body: string | undefined;
}

/** A write that was begun under a key before. */
export interface EarlierRequest {
  requestHash: Buffer;
  /** Undefined while it is under way. */
  answer: KeptAnswer | undefined;
}

export interface AnswerKey {
  principal: string;
  key: string;
}

const BEGIN = statement(
  'admin-answers.begin',
  // A row that is too old, or whose first request never came to an end, is as good as none.
  `INSERT INTO admin_answers (principal, key, request_hash, started_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (principal, key) DO UPDATE
     SET request_hash = $3, started_at = $4, status = NULL, headers = NULL, body = NULL
     WHERE admin_answers.started_at < $5 OR (admin_answers.status IS NULL AND admin_answers.started_at < $6)
   RETURNING key`,
);
const FIND = statement(
  'admin-answers.find',
  `SELECT request_hash AS "requestHash", status, headers, body FROM admin_answers WHERE principal = $1 AND key = $2`,
);
const FINISH = statement(
  'admin-answers.finish',
  `UPDATE admin_answers SET status = $3, headers = $4, body = $5 WHERE principal = $1 AND key = $2`,
);
const FORGET = statement(
  'admin-answers.forget',
  `DELETE FROM admin_answers WHERE principal = $1 AND key = $2 AND status IS NULL`,
);

/** First answers to writes that carry an Idempotency-Key. */
@Injectable()
export class AdminAnswersRepository {
  constructor(private readonly database: Database) {}

  /** True when the key is free, which it is no longer now. */
  async begin(
    { principal, key }: AnswerKey,
    requestHash: Buffer,
    times: { now: number; answeredAfter: number; begunAfter: number },
  ): Promise<boolean> {
    const { now, answeredAfter, begunAfter } = times;
    const values = [principal, key, requestHash, now, answeredAfter, begunAfter];
    return (await this.database.query(BEGIN, values)).length > 0;
  }

  async find({ principal, key }: AnswerKey): Promise<EarlierRequest | undefined> {
    const [row] = await this.database.query<{
      requestHash: Buffer;
      status: number | null;
      headers: Record<string, string> | null;
      body: string | null;
    }>(FIND, [principal, key]);
    if (!row) return undefined;
    const { requestHash, status, headers, body } = row;
    if (status === null) return { requestHash, answer: undefined };
    return { requestHash, answer: { status, headers: headers ?? {}, body: body ?? undefined } };
  }

  async finish({ principal, key }: AnswerKey, { status, headers, body }: KeptAnswer): Promise<void> {
    await this.database.query(FINISH, [principal, key, status, JSON.stringify(headers), body ?? null]);
  }

  /** Nothing was done, so it may be tried again. */
  async forget({ principal, key }: AnswerKey): Promise<void> {
    await this.database.query(FORGET, [principal, key]);
  }
}
