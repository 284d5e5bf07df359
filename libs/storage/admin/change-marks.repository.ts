import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database.js';

const LAST_ENTRY = statement(
  'change-marks.last-log-entry',
  `SELECT coalesce(max(id), 0) AS id FROM moderation_log`,
);

/** How far something has come that only grows: whoever saw less looks again. */
@Injectable()
export class ChangeMarksRepository {
  constructor(private readonly database: Database) {}

  async lastLogEntry(): Promise<number> {
    return (await this.database.query<{ id: number }>(LAST_ENTRY))[0]!.id;
  }
}
