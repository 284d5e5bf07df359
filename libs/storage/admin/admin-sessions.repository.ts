import { Injectable } from '@nestjs/common';
import type { SessionId } from '../../protocol/ids.js';
import { Database, statement, type Transaction } from '../database.js';

const INSERT_LINK = statement(
  'login-links.insert',
  `INSERT INTO login_links (code_hash, browser_hash, user_id, expires_at) VALUES ($1, $2, $3, $4)`,
);
const TAKE_LINK = statement(
  'login-links.take',
  // One statement, so that of two that redeem it at once only one gets it.
  `DELETE FROM login_links WHERE code_hash = $1 AND browser_hash = $2 AND expires_at > $3 RETURNING user_id AS "userId"`,
);
const SHARE = statement(
  'login-links.share',
  `UPDATE login_links SET is_shared = true WHERE user_id = $1 AND expires_at > $2
     AND (SELECT count(*) FROM login_links WHERE user_id = $1 AND expires_at > $2) >= $3 RETURNING user_id`,
);
const FIND_SHARED = statement(
  'login-links.find-shared',
  `SELECT users.session_id AS "sessionId" FROM login_links JOIN users ON users.id = user_id
   WHERE code_hash = $1 AND is_shared AND expires_at > $2`,
);
const TAKE_SHARED = statement(
  'login-links.take-shared',
  `DELETE FROM login_links WHERE code_hash = $1 AND is_shared AND expires_at > $2 RETURNING user_id AS "userId"`,
);
const INSERT = statement(
  'admin-sessions.insert',
  `INSERT INTO admin_sessions (secret_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`,
);
const FIND = statement(
  'admin-sessions.find',
  `SELECT user_id AS "userId" FROM admin_sessions WHERE secret_hash = $1 AND expires_at > $2`,
);
const REMOVE = statement('admin-sessions.remove', `DELETE FROM admin_sessions WHERE secret_hash = $1`);

/** Browsers that are logged in, and links by which they become so. Secrets come here as hashes. */
@Injectable()
export class AdminSessionsRepository {
  constructor(private readonly database: Database) {}

  async insertLink(
    tx: Transaction,
    link: { codeHash: Buffer; browserHash: Buffer; userId: number; expiresAt: number },
  ): Promise<void> {
    await tx.query(INSERT_LINK, [link.codeHash, link.browserHash, link.userId, link.expiresAt]);
  }

  /** Whom the link is for, who cannot take it again; undefined for another browser, or too late. */
  async takeLink(codeHash: Buffer, browserHash: Buffer, now: number): Promise<number | undefined> {
    const rows = await this.database.query<{ userId: number }>(TAKE_LINK, [codeHash, browserHash, now]);
    return rows[0]?.userId;
  }

  /** Whether there are so many links for somebody already; then they are good in other browsers too. */
  async shareAll(tx: Transaction, userId: number, now: number, linksMax: number): Promise<boolean> {
    return (await tx.query(SHARE, [userId, now, linksMax])).length > 0;
  }

  /** For whom a link is that is good in other browsers too. */
  async findShared(codeHash: Buffer, now: number): Promise<SessionId | undefined> {
    return (await this.database.query<{ sessionId: SessionId }>(FIND_SHARED, [codeHash, now]))[0]?.sessionId;
  }

  /** Like {@link takeLink}, whichever browser it was asked for in. */
  async takeShared(codeHash: Buffer, now: number): Promise<number | undefined> {
    return (await this.database.query<{ userId: number }>(TAKE_SHARED, [codeHash, now]))[0]?.userId;
  }

  async insert(session: {
    secretHash: Buffer;
    userId: number;
    createdAt: number;
    expiresAt: number;
  }): Promise<void> {
    const { secretHash, userId, createdAt, expiresAt } = session;
    await this.database.query(INSERT, [secretHash, userId, createdAt, expiresAt]);
  }

  async find(secretHash: Buffer, now: number): Promise<number | undefined> {
    return (await this.database.query<{ userId: number }>(FIND, [secretHash, now]))[0]?.userId;
  }

  async remove(secretHash: Buffer): Promise<void> {
    await this.database.query(REMOVE, [secretHash]);
  }
}
