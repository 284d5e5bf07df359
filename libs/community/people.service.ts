import { Injectable } from '@nestjs/common';
import { absoluteOf, type BlindedPair } from '../auth/blinding.js';
import { BlindedIds } from '../auth/blinded-ids.js';
import type { UserDirectory } from '../auth/ports.js';
import { Config } from '../config/config.js';
import { Clock, toHour } from '../protocol/clock.js';
import { isBlinded, isUnblinded, type SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import { PermissionsRepository } from '../storage/permissions.repository.js';
import { RoomsRepository } from '../storage/rooms.repository.js';
import { ServerStateRepository } from '../storage/server-state.repository.js';
import { UsersRepository, type UserRecord } from '../storage/users.repository.js';

export type { UserRecord } from '../storage/users.repository.js';

const NO_FLAGS = { banned: false, moderator: false, admin: false, visibleMod: false };
/** Once for the row that the role leaves, once for the one it arrives at (protocol.md §1.1). */
const INFO_UPDATES_OF_A_MOVED_ROLE = 2;

/** Users: how they come into being, and which row is meant when an operator names somebody. */
@Injectable()
export class PeopleService implements UserDirectory {
  constructor(
    private readonly database: Database,
    private readonly users: UsersRepository,
    private readonly permissions: PermissionsRepository,
    private readonly messages: MessagesRepository,
    private readonly rooms: RoomsRepository,
    private readonly serverState: ServerStateRepository,
    private readonly blindedIds: BlindedIds,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  find(sessionId: SessionId): Promise<UserRecord | undefined> {
    return this.users.find(sessionId);
  }

  findById(userId: number): Promise<UserRecord | undefined> {
    return this.users.findById(userId);
  }

  /** First successful authentication. Two requests at once get the same user, and what was pending moves once. */
  arrive(sessionId: SessionId): Promise<UserRecord> {
    return this.database.transaction(async (tx) => {
      const hour = toHour(this.clock.nowSeconds());
      const user = await this.findOrCreate(tx, sessionId, hour);
      if (user.lastActiveAt !== null) return user;
      // Named before they came. Written at once rather than in bulk: from now on they can be written to (protocol.md §7).
      await this.users.touchLastActive(new Map([[user.id, hour]]), tx);
      return { ...user, lastActiveAt: hour };
    });
  }

  /**
   * The row that is meant when somebody names this id, made if need be. A 05 id means the blinded user if that one
   * exists; else the 05 row stands in for it until the person arrives (protocol.md §1.1, "pending blinding"). Where
   * people may come unblinded, a 05 id that was here means itself.
   */
  async named(tx: Transaction, sessionId: SessionId): Promise<UserRecord> {
    const pair = isUnblinded(sessionId) ? this.blindedIds.pairOf(sessionId) : undefined;
    if (!pair) return this.findOrCreate(tx, sessionId, null);
    const arrived = await this.arrived(tx, sessionId, pair);
    if (arrived) return arrived;
    const waiting = await this.findOrCreate(tx, sessionId, null);
    await this.users.rememberPendingBlinding(tx, pair.absolute, waiting.id);
    return waiting;
  }

  /** Like {@link named}, but makes nobody. */
  async lookUp(tx: Transaction, sessionId: SessionId): Promise<UserRecord | undefined> {
    const pair = isUnblinded(sessionId) ? this.blindedIds.pairOf(sessionId) : undefined;
    const arrived = pair && (await this.arrived(tx, sessionId, pair));
    return arrived ?? this.users.find(sessionId, tx);
  }

  /** Somebody who was here under this 05 id where they may, or under its blinded one, of which nobody knows the sign. */
  private async arrived(
    tx: Transaction,
    unblinded: SessionId,
    { absolute, negative }: BlindedPair,
  ): Promise<UserRecord | undefined> {
    await this.users.lockAbsoluteId(tx, absolute);
    const itself = this.config.requireBlindedIds ? undefined : await this.users.find(unblinded, tx);
    return itself && this.standsForItself(itself) ? itself : this.users.findEither(tx, [absolute, negative]);
  }

  /** Of a row with a 05 id: whether it is somebody who comes unblinded, rather than one that waits for them. */
  private standsForItself({ lastActiveAt }: UserRecord): boolean {
    return !this.config.requireBlindedIds && lastActiveAt !== null;
  }

  /** The user that an operator means with this id; undefined when there is none (or none yet). */
  known(sessionId: SessionId): Promise<UserRecord | undefined> {
    if (!isUnblinded(sessionId)) return this.users.find(sessionId); // means nobody else
    return this.database.transaction((tx) => this.lookUp(tx, sessionId));
  }

  private async findOrCreate(
    tx: Transaction,
    sessionId: SessionId,
    lastActiveAt: number | null,
  ): Promise<UserRecord> {
    const absoluteId = isBlinded(sessionId) ? absoluteOf(sessionId) : undefined;
    if (absoluteId) await this.users.lockAbsoluteId(tx, absoluteId);
    // Exact for the first day, since rules for newcomers count minutes; then the worker rounds it to the hour.
    const createdAt = this.clock.nowSeconds();
    const created = await this.users.insert(tx, { sessionId, createdAt, lastActiveAt });
    if (!created) return (await this.users.find(sessionId, tx))!;
    const waitingId = absoluteId && (await this.users.takePendingBlinding(tx, absoluteId));
    if (waitingId === undefined) return created;
    await this.moveAll(tx, waitingId, created.id);
    return (await this.users.find(sessionId, tx))!;
  }

  /** Everything that was set for the 05 row becomes the new blinded user's, and whispers to it are theirs to read. */
  private async moveAll(tx: Transaction, fromId: number, toId: number): Promise<void> {
    const from = await this.users.lock(tx, fromId);
    if (from && this.standsForItself(from)) return;
    if (from && (from.banned || from.moderator)) {
      await this.users.setGlobalFlags(tx, fromId, NO_FLAGS);
      await this.users.setGlobalFlags(tx, toId, from);
      await this.serverState.bumpUsersVersion(tx);
      if (from.moderator) await this.rooms.bumpAllInfoUpdates(tx, INFO_UPDATES_OF_A_MOVED_ROLE);
    }
    await this.permissions.move(tx, fromId, toId);
    await this.messages.readdressWhispers(tx, fromId, toId);
  }
}
