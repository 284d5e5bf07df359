import type { AutomodAction, RuleName } from './automod-rules.js';

/** Numbers, limits, names of domains: never what somebody wrote. */
export type FindingDetail = Readonly<Record<string, string | number>>;

/** A rule that a post breaks. */
export interface AutomodFinding {
  readonly rule: RuleName;
  readonly action: AutomodAction;
  readonly muteSeconds?: number;
  /** 0: for ever. */
  readonly banSeconds?: number;
  /** Whether moderators are told. */
  readonly notify: boolean;
  /** Recorded only. */
  readonly dryRun: boolean;
  readonly detail: FindingDetail;
}

/** What happens in total. */
export interface AutomodVerdict {
  /** Left out: the post goes through. */
  readonly action?: AutomodAction;
  /** The one to name; the strongest. */
  readonly rule?: RuleName;
  /** The longest of all. */
  readonly muteSeconds?: number;
  readonly banSeconds?: number;
  readonly notify: boolean;
}

/**
 * Silence is stronger than a refusal, which would tell a spammer what gave him away; `delete` is to hide, and more.
 */
const STRENGTHS: Readonly<Record<AutomodAction, number>> = { delete: 3, hide: 2, reject: 1 };

/** Those that do something before those that only record, then by action, length of ban, length of mute. */
export function strongestFirst(findings: readonly AutomodFinding[]): AutomodFinding[] {
  return findings.toSorted(
    (a, b) =>
      Number(a.dryRun) - Number(b.dryRun) ||
      STRENGTHS[b.action] - STRENGTHS[a.action] ||
      compare(banLength(b.banSeconds), banLength(a.banSeconds)) ||
      (b.muteSeconds ?? 0) - (a.muteSeconds ?? 0),
  );
}

/** Dry runs are left out. */
export function verdictOf(findings: readonly AutomodFinding[]): AutomodVerdict {
  const acting = strongestFirst(findings.filter(({ dryRun }) => !dryRun));
  const [strongest] = acting;
  if (!strongest) return { notify: false };
  const muteSeconds = Math.max(0, ...acting.map((finding) => finding.muteSeconds ?? 0));
  const ban = Math.max(0, ...acting.map((finding) => banLength(finding.banSeconds)));
  return {
    action: strongest.action,
    rule: strongest.rule,
    ...(muteSeconds > 0 && { muteSeconds }),
    ...(ban > 0 && { banSeconds: ban === Infinity ? 0 : ban }),
    notify: acting.some(({ notify }) => notify),
  };
}

/** 0 seconds are no end, and none at all are no ban. */
const banLength = (seconds: number | undefined): number => (seconds === 0 ? Infinity : (seconds ?? 0));

/** Infinity − Infinity is no order. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
