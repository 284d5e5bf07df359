import { Injectable } from '@nestjs/common';
import type { ChangeBus } from '../../coordination/change-bus.js';
import type { Change } from '../../protocol/change.js';
import { Database } from '../../storage/database.js';
import { ActivityRecorder } from '../activity-recorder.js';
import { MailMarks } from './mail-marks.js';
import { RoomModels } from './room-models.js';
import { UserModels } from './user-models.js';
import { VersionCheck } from './version-check.js';

/**
 * What a process keeps in memory so that an up-to-date client's poll asks no database (ARCHITECTURE.md, "Read
 * models"). Off until {@link start}: a program that makes a change and ends, or does work that nobody waits for, asks
 * the database.
 */
@Injectable()
export class ReadModels {
  constructor(
    private readonly rooms: RoomModels,
    private readonly users: UserModels,
    private readonly mail: MailMarks,
    private readonly activity: ActivityRecorder,
    private readonly check: VersionCheck,
    database: Database,
  ) {
    database.onCommitted((changes) => this.apply(changes));
  }

  /** `bus`: tells of changes by other processes. */
  start(bus?: Pick<ChangeBus, 'subscribe'>): void {
    this.check.start();
    bus?.subscribe((changes) => this.apply(changes));
  }

  /** What was committed here, or what another process says was committed there. From now on nobody sees what was before. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) this.applyOne(change);
  }

  private applyOne(change: Change): void {
    switch (change.kind) {
      case 'room':
        return this.rooms.markStale(change.roomId);
      case 'messages':
        return this.rooms.reached(change.roomId, change.sequence);
      case 'users':
        return this.users.markStale();
      case 'banned':
        return this.activity.forgetVisits(change.userId, change.roomId);
      case 'missed':
        return this.check.expire();
      case 'everything':
        this.rooms.forgetAll();
        this.mail.forgetAll();
        return this.users.forgetAll();
      case 'mail':
        return this.mail.raise(change.senderId, change.recipientId, change.id);
      case 'rules': // ModerationRulesService looks for itself
    }
  }
}
