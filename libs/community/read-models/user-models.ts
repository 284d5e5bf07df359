import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser, UserDirectory } from '../../auth/ports.js';
import type { SessionId } from '../../protocol/ids.js';
import { WeightedCache } from '../../protocol/weighted-cache.js';
import { ServerStateRepository } from '../../storage/server-state.repository.js';
import { UsersRepository, type GlobalModerator, type UserRecord } from '../../storage/users.repository.js';
import { PeopleService } from '../people.service.js';
import { FreshValue } from './fresh-value.js';
import { READS } from './read-tally.js';
import { VersionCheck } from './version-check.js';

/** Some 200 bytes each. */
const USERS_MAX = 100_000;
/** Beyond it flags are not kept, and everybody's are asked for. */
const FLAGGED_MAX = 50_000;

interface Flags {
  version: number;
  /** Undefined: too many to keep. */
  byUserId: ReadonlyMap<number, UserRecord> | undefined;
  moderators: readonly GlobalModerator[];
}

/**
 * Who is who, and who is banned or has a role on the whole server, without asking the database. Ids never change,
 * so they are kept; flags are kept of all who have any, and loaded again when any of them changed. Somebody unknown
 * is never remembered as unknown.
 */
@Injectable()
export class UserModels implements UserDirectory {
  /** Everybody without flags, as authentication hands them on. */
  private readonly users = new WeightedCache<SessionId, AuthenticatedUser>(USERS_MAX);
  private readonly flags = new FreshValue<Flags>(() => this.loadFlags());

  constructor(
    private readonly repository: UsersRepository,
    private readonly serverState: ServerStateRepository,
    private readonly people: PeopleService,
    private readonly check: VersionCheck,
  ) {
    check.add(() => this.look());
  }

  markStale(): void {
    this.flags.markStale();
  }

  forgetAll(): void {
    this.users.clear();
    this.flags.markStale();
  }

  /** Somebody who was only named is none until they {@link arrive}, unless they are banned. */
  find(sessionId: SessionId): AuthenticatedUser | Promise<AuthenticatedUser | undefined> {
    if (!this.check.isOn) return this.findInDatabase(sessionId);
    const checking = this.check.ensure();
    const known = checking ? undefined : this.users.get(sessionId);
    const flags = known && this.flags.current?.byUserId;
    READS.add('users', flags ? 'hit' : 'miss');
    return flags ? (flags.get(known.id) ?? known) : this.findSlowly(sessionId, checking);
  }

  async arrive(sessionId: SessionId): Promise<AuthenticatedUser> {
    const user = await this.people.arrive(sessionId);
    this.remember(user);
    return user;
  }

  /** By session id. */
  async globalModerators(): Promise<readonly GlobalModerator[]> {
    if (!this.check.isOn) return this.repository.globalModerators();
    await this.check.ensure();
    return (await this.flags.read()).moderators;
  }

  private async findSlowly(
    sessionId: SessionId,
    checking: Promise<void> | undefined,
  ): Promise<AuthenticatedUser | undefined> {
    await checking;
    const { byUserId } = await this.flags.read();
    const known = byUserId && this.users.get(sessionId);
    if (known) return byUserId.get(known.id) ?? known;
    const user = await this.findInDatabase(sessionId);
    if (user && user.lastActiveAt !== null) this.remember(user);
    return user;
  }

  private async findInDatabase(sessionId: SessionId): Promise<UserRecord | undefined> {
    const user = await this.repository.find(sessionId);
    return user && (user.lastActiveAt !== null || user.banned) ? user : undefined;
  }

  private remember({ id, sessionId }: UserRecord): void {
    const user = Object.freeze({ id, sessionId, banned: false, moderator: false, admin: false });
    this.users.set(sessionId, user, 1);
  }

  /** The version first: what is loaded may be newer than it says, never older. */
  private async loadFlags(): Promise<Flags> {
    const version = await this.serverState.usersVersion();
    const [flagged, moderators] = await Promise.all([
      this.repository.flagged(FLAGGED_MAX + 1),
      this.repository.globalModerators(),
    ]);
    const byUserId =
      flagged.length > FLAGGED_MAX ? undefined : new Map(flagged.map((user) => [user.id, user]));
    return { version, byUserId, moderators };
  }

  private async look(): Promise<void> {
    const { latest } = this.flags;
    if (latest && (await this.serverState.usersVersion()) !== latest.version) this.flags.markStale();
  }
}
