import { Injectable } from '@nestjs/common';
import { BanListRepository, type BanQuery, type BanRecord } from '../../storage/admin/ban-list.repository.js';

export {
  BAN_KINDS,
  type BanKind,
  type BanQuery,
  type BanRecord,
} from '../../storage/admin/ban-list.repository.js';

/** Who is banned or muted where, since when, by whom and why. */
@Injectable()
export class BanListService {
  constructor(private readonly bans: BanListRepository) {}

  /** Newest first. */
  list(query: BanQuery): Promise<BanRecord[]> {
    return this.bans.list(query);
  }
}
