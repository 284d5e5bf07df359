import { Injectable, Logger } from '@nestjs/common';
import { Filters, type FilterVerdict, type RoomFilter } from '../moderation/filters.js';
import { AutomodRegistry, type Automod } from '../moderation/automod.js';
import {
  overlayAutomod,
  parseRoomAutomod,
  parseServerAutomod,
  type DirectMessageRule,
  type RoomAutomod,
  type ServerAutomod,
} from '../moderation/automod-rules.js';
import { parseRoomRules, parseServerRules, type FilterRules } from '../moderation/filter-rules.js';
import { Clock } from '../protocol/clock.js';
import { writeContent } from '../protocol/content-writer.js';
import { notFound, type WireError } from '../protocol/errors.js';
import type { RoomToken } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { ModerationRulesRepository, type StoredRules } from '../storage/moderation-rules.repository.js';
import { RoomsRepository, type RoomRecord } from '../storage/rooms.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ServerWords } from './server-words.js';

/** How old the server's rules may be in a process that did not change them itself. */
const STALE_AFTER_SECONDS = 1;

/** Whom a try is by. */
const SOMEBODY = `15${'0'.repeat(64)}`;

export type RuleKind = 'filters' | 'automod';

/** What messages of one room are judged by. */
export interface RoomRules {
  filter: RoomFilter;
  automod: Automod;
}

/** The server's rules, compiled. */
interface Current {
  version: number;
  checkedAt: number;
  filters: Filters;
  automod: AutomodRegistry;
  directMessages: DirectMessageRule | undefined;
}

/** What messages are judged by: rules of the server, and what single rooms have instead (protocol.md §12). */
@Injectable()
export class ModerationRulesService {
  private readonly log = new Logger('moderation rules');
  private current: Current | undefined;

  constructor(
    private readonly database: Database,
    private readonly rules: ModerationRulesRepository,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly words: ServerWords,
    private readonly clock: Clock,
  ) {}

  /** What a room's messages are judged by; its own rules are read and compiled when they are new. */
  async of({ id, rulesVersion }: RoomRecord): Promise<RoomRules> {
    const { filters, automod } = await this.ofServerNow();
    if (rulesVersion === 0) return { filter: filters.server, automod: automod.server };
    const revision = String(rulesVersion);
    const known = { filter: filters.known(id, revision), automod: automod.known(id, revision) };
    if (known.filter && known.automod) return { filter: known.filter, automod: known.automod };
    const stored = await this.rules.ofRoom(id);
    if (!stored) return { filter: filters.server, automod: automod.server };
    const found = String(stored.version);
    const filterRules = this.usable<FilterRules>(stored.filters, (rules) =>
      parseRoomRules(rules, String(id)),
    );
    const ownRules = this.usable<RoomAutomod>(stored.automod, (rules) => parseRoomAutomod(rules, String(id)));
    return { filter: filters.forRoom(id, found, filterRules), automod: automod.forRoom(id, found, ownRules) };
  }

  /** Undefined when direct messages are free, which is the rule. */
  async ofDirectMessages(): Promise<DirectMessageRule | undefined> {
    return (await this.ofServerNow()).directMessages;
  }

  /** What the filter of the server, or of a room, makes of a text. Throws 404 for a room that is not there. */
  async tryFilter(token: RoomToken | undefined, body: string): Promise<FilterVerdict> {
    const room = token === undefined ? undefined : (await this.rooms.find(token, undefined))?.room;
    if (token !== undefined && !room) throw noSuchRoom(token);
    const filter = room ? (await this.of(room)).filter : (await this.ofServerNow()).filters.server;
    const data = writeContent({ body, timestampMs: 0, displayName: '' });
    return filter.check({
      data,
      isModerator: false,
      sessionId: SOMEBODY,
      room: room ?? { name: 'Room', token: 'room' },
    });
  }

  /** Automod's rules of the server, or those in a room, the server's included. Throws 404 for an unknown room. */
  async automodInForce(token: RoomToken | undefined): Promise<ServerAutomod> {
    const server = parseServerAutomod((await this.rules.ofServer()).automod);
    if (token === undefined) return server;
    return overlayAutomod(server, parseRoomAutomod((await this.stored(token)).automod, token));
  }

  /** What a room would be judged by if these were its own rules. Throws what the rules' parsers throw. */
  async tryOut(
    { id, token }: RoomRecord,
    other: { filters?: unknown; automod?: unknown },
  ): Promise<Partial<RoomRules>> {
    const { filters, automod } = this.compile(await this.rules.ofServer());
    return {
      ...(other.filters !== undefined && {
        filter: filters.forRoom(id, 'tried', parseRoomRules(other.filters, token)),
      }),
      ...(other.automod !== undefined && {
        automod: automod.forRoom(id, 'tried', parseRoomAutomod(other.automod, token)),
      }),
    };
  }

  /** Rules as they would be stored. Throws what the rules' parser throws. */
  check(kind: RuleKind, token: RoomToken | undefined, rules: unknown): unknown {
    return token === undefined ? PARSERS[kind].server(rules) : PARSERS[kind].room(rules, token);
  }

  /** As they are stored: of the server, or of a room. Throws 404 for a room that is not there. */
  async stored(token: RoomToken | undefined): Promise<StoredRules> {
    if (token === undefined) return this.rules.ofServer();
    const found = await this.rooms.find(token, undefined);
    const stored = found && (await this.rules.ofRoom(found.room.id));
    if (!stored) throw noSuchRoom(token);
    return stored;
  }

  /**
   * Changes rules of the server, or of a room: `change` gets them as they are, and answers what they become, which is
   * also what this returns. Throws what the rules' parser throws, 404 for a room that is not there.
   */
  async change(
    actor: Actor,
    token: RoomToken | undefined,
    kind: RuleKind,
    change: (rules: unknown) => unknown,
  ): Promise<unknown> {
    const changed = await this.database.transaction((tx) =>
      token === undefined
        ? this.changeOfServer(tx, actor, kind, change)
        : this.changeOfRoom(tx, actor, token, kind, change),
    );
    this.current = undefined;
    return changed;
  }

  private async changeOfServer(
    tx: Transaction,
    actor: Actor,
    kind: RuleKind,
    change: (rules: unknown) => unknown,
  ): Promise<unknown> {
    const stored = await this.rules.lockOfServer(tx);
    const changed = this.check(kind, undefined, change(stored[kind]));
    await this.rules.saveOfServer(tx, { ...stored, [kind]: changed });
    await this.note(tx, actor, kind, changed);
    return changed;
  }

  private async changeOfRoom(
    tx: Transaction,
    actor: Actor,
    token: RoomToken,
    kind: RuleKind,
    change: (rules: unknown) => unknown,
  ): Promise<unknown> {
    const room = await this.rooms.lock(tx, token);
    const stored = room && (await this.rules.ofRoom(room.id, tx));
    if (!stored) throw noSuchRoom(token);
    const changed = this.check(kind, token, change(stored[kind]));
    await this.rules.saveOfRoom(tx, room.id, { ...stored, [kind]: changed });
    await this.note(tx, actor, kind, changed, room);
    return changed;
  }

  private note(
    tx: Transaction,
    actor: Actor,
    kind: RuleKind,
    rules: unknown,
    room?: RoomRecord,
  ): Promise<void> {
    const detail = { rules: Object.keys(rules as object) };
    return this.moderationLog.record(tx, actor, { action: `${kind}.change`, room, detail });
  }

  /** Looks at most once a second whether somebody else changed them. */
  private async ofServerNow(): Promise<Current> {
    const now = this.clock.nowSeconds();
    const { current } = this;
    if (current && now - current.checkedAt < STALE_AFTER_SECONDS) return current;
    if (current?.version === (await this.rules.serverVersion())) {
      current.checkedAt = now;
      return current;
    }
    return (this.current = { checkedAt: now, ...this.compile(await this.rules.ofServer()) });
  }

  private compile({ version, ...stored }: StoredRules): Omit<Current, 'checkedAt'> {
    const rules = this.usable<FilterRules>(stored.filters, parseServerRules);
    const words = [...(rules.profanity?.words ?? []), ...this.words.terms];
    const automod = this.usable<ServerAutomod>(stored.automod, parseServerAutomod);
    return {
      version,
      filters: new Filters({ ...rules, profanity: { ...rules.profanity, words } }),
      automod: new AutomodRegistry(automod),
      directMessages: automod.directMessages,
    };
  }

  /** What was stored was checked; if a later version of Plaza wrote it all the same, messages are not held up. */
  private usable<Rules extends object>(stored: unknown, parse: (value: unknown) => Rules): Rules {
    try {
      return parse(stored);
    } catch (error) {
      this.log.error(`stored rules are not understood and left out: ${(error as Error).message}`);
      return {} as Rules;
    }
  }
}

const PARSERS: Record<
  RuleKind,
  { server(value: unknown): unknown; room(value: unknown, room: string): unknown }
> = {
  filters: { server: parseServerRules, room: parseRoomRules },
  automod: { server: parseServerAutomod, room: parseRoomAutomod },
};

const noSuchRoom = (token: RoomToken): WireError => notFound(`There is no room "${token}"`);
