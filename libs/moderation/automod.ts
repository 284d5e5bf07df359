import { duplicatesCheck, floodCheck, raidCheck, slowModeCheck } from './automod-checks/window-checks.js';
import { filesCheck, imagesCheck } from './automod-checks/file-checks.js';
import { JudgedPost, type Check } from './automod-checks/judged-post.js';
import { isNewcomer, newMembersCheck } from './automod-checks/member-checks.js';
import { lengthCheck, linksCheck, mentionsCheck } from './automod-checks/text-checks.js';
import { strongestFirst, type AutomodFinding, type FindingDetail } from './automod-finding.js';
import type { AutomodFacts, AutomodPost } from './automod-post.js';
import {
  DEFAULT_ACTIONS,
  overlayAutomod,
  ROOM_RULE_NAMES,
  type AutomodRule,
  type AutomodRules,
  type RoomAutomod,
  type RoomRuleName,
  type ServerAutomod,
} from './automod-rules.js';
import { CompiledRooms } from './compiled-rooms.js';

export { isNewcomer } from './automod-checks/member-checks.js';
export { verdictOf, type AutomodFinding, type AutomodVerdict } from './automod-finding.js';
export type { AttachedFile, AutomodFacts, AutomodPost, Standing } from './automod-post.js';

/** What the rules of a room look at: what none of them needs need not be worked out. */
export interface AutomodNeeds {
  /** Any rule is on. */
  readonly posts: boolean;
  /** The files that a post takes. */
  readonly files: boolean;
  /** What uploads are by their content; with it always the digest, by which one that was looked at is known. */
  readonly mediaTypes: boolean;
  readonly sha256: boolean;
  /** What images look like. */
  readonly imageHashes: boolean;
  /** When people come for the first time: {@link Automod.judgeJoin}. */
  readonly joins: boolean;
}

/** Somebody's first visit to a room. */
export interface AutomodJoin {
  readonly room: { readonly id: number };
  readonly user: { readonly id: number };
}

interface CompiledRule {
  readonly name: RoomRuleName;
  readonly rule: AutomodRule<RoomRuleName>;
  readonly check: Check;
}

const CHECKS: { readonly [Name in RoomRuleName]: (rule: AutomodRule<Name>) => Check } = {
  flood: floodCheck,
  duplicates: duplicatesCheck,
  newMembers: newMembersCheck,
  slowMode: slowModeCheck,
  links: linksCheck,
  mentions: mentionsCheck,
  length: lengthCheck,
  files: filesCheck,
  images: imagesCheck,
  raid: raidCheck,
};

/** Judges posts by the rules of one room. */
export class Automod {
  readonly needs: AutomodNeeds;
  private readonly compiled: readonly CompiledRule[];
  private readonly slowMode: readonly CompiledRule[];

  constructor(readonly rules: AutomodRules) {
    const compiled = ROOM_RULE_NAMES.flatMap((name) => compile(name, rules[name]));
    this.compiled = compiled.filter(({ name }) => name !== 'slowMode');
    this.slowMode = compiled.filter(({ name }) => name === 'slowMode');
    this.needs = needsOf(rules);
  }

  /**
   * All that is wrong with a post, strongest first (see `strongestFirst`). Costs nothing when no rule is on, and well
   * under 100 µs for a message of usual length with all, `facts` apart. Throws only what `facts` throws.
   */
  async judge(post: AutomodPost, facts: AutomodFacts): Promise<AutomodFinding[]> {
    if (!this.needs.posts) return [];
    const judged = new JudgedPost(post, facts);
    const findings = await findAll(this.compiled, judged);
    // A post that is refused anyway takes no place in slow mode.
    const isStopped = findings.some(({ dryRun }) => !dryRun);
    if (!isStopped) findings.push(...(await findAll(this.slowMode, judged)));
    return strongestFirst(findings);
  }

  /**
   * A finding when too many newcomers come at once. `facts` are about the visitor; others than newcomers are not
   * counted, nor is anybody twice.
   */
  async judgeJoin({ room, user }: AutomodJoin, facts: AutomodFacts): Promise<AutomodFinding | undefined> {
    const { raid } = this.rules;
    if (!raid?.joins || !isNewcomer(await facts.standing(), raid)) return undefined;
    const { count, seconds } = raid.joins;
    const { members } = await facts.record(`${room.id}/raid/joins`, String(user.id), seconds);
    if (members <= count) return undefined;
    return finding('raid', raid, { people: members, limit: count, seconds, lockSeconds: raid.lockSeconds });
  }
}

function compile<Name extends RoomRuleName>(name: Name, rule: AutomodRules[Name]): CompiledRule[] {
  return rule ? [{ name, rule, check: CHECKS[name](rule) }] : [];
}

async function findAll(rules: readonly CompiledRule[], post: JudgedPost): Promise<AutomodFinding[]> {
  if (rules.length === 0) return [];
  const details = await Promise.all(rules.map(({ check }) => check(post)));
  return details.flatMap((detail, at) => {
    const { name, rule } = rules[at]!;
    return detail ? finding(name, rule, detail) : [];
  });
}

function finding(
  name: RoomRuleName,
  { action, muteSeconds, banSeconds, notify, dryRun }: AutomodRule<RoomRuleName>,
  detail: FindingDetail,
): AutomodFinding {
  return {
    rule: name,
    action: action ?? DEFAULT_ACTIONS[name],
    ...(muteSeconds !== undefined && { muteSeconds }),
    ...(banSeconds !== undefined && { banSeconds }),
    notify: notify ?? false,
    dryRun: dryRun ?? false,
    detail,
  };
}

function needsOf(rules: AutomodRules): AutomodNeeds {
  const { duplicates, newMembers, files, images, raid } = rules;
  const mediaTypes = Boolean(files?.allowTypes || files?.denyTypes);
  return {
    posts: ROOM_RULE_NAMES.some((name) => rules[name] !== undefined),
    files: Boolean(duplicates || newMembers?.noFiles || files || images),
    mediaTypes,
    sha256: Boolean(duplicates || images) || mediaTypes,
    imageHashes: Boolean(images?.hashes.some(({ kind }) => kind === 'perceptual')),
    joins: Boolean(raid?.joins),
  };
}

/** Automod of all rooms. Rules of rooms are compiled when they are first needed and kept while they are in use. */
export class AutomodRegistry {
  /** For rooms without rules of their own. */
  readonly server: Automod;
  private readonly rooms = new CompiledRooms<Automod>();

  constructor(private readonly serverRules: ServerAutomod) {
    this.server = new Automod(overlayAutomod(serverRules, {}));
  }

  /** That of a room whose rules were compiled before, in this revision; undefined otherwise. */
  known(roomId: number, revision: string): Automod | undefined {
    return this.rooms.known(roomId, revision);
  }

  /** That of a room with rules of its own. `revision` is any text that changes when they do. */
  forRoom(roomId: number, revision: string, rules: RoomAutomod): Automod {
    return this.rooms.get(roomId, revision, () => new Automod(overlayAutomod(this.serverRules, rules)));
  }
}
