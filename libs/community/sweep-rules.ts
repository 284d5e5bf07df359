/** Bytes come before their record, and an upload may be under way: younger bytes without a record are left alone. */
export const UPLOAD_GRACE_SECONDS = 3600;

/**
 * When a difference between records and bytes is small enough to be an accident that may be tidied up. Anything larger
 * looks like a wrong store, a missing disk or a restored database, where tidying up would destroy the community.
 */
const ORPHANS_FLOOR = 100;
const ORPHANS_SHARE = 0.1;
const HOLLOW_FLOOR = 10;
const HOLLOW_SHARE = 0.01;

/** Of `stored` blobs, `orphans` have no record. A crash leaves some of them, a long-lost store all. */
export const areFewOrphans = (orphans: number, stored: number): boolean =>
  orphans <= Math.max(ORPHANS_FLOOR, stored * ORPHANS_SHARE);

/** Of `recorded` files, `hollow` have no bytes. All of them are never few. */
export const areFewHollow = (hollow: number, recorded: number): boolean =>
  hollow === 0 || (hollow < recorded && hollow <= Math.max(HOLLOW_FLOOR, recorded * HOLLOW_SHARE));

/** What a look at the store found, in numbers. */
export interface SweepCounts {
  stored: number;
  recorded: number;
  orphans: number;
  strangers: number;
  hollow: number;
  hollowLasting: number;
}

/** Complete sentences about what looks wrong. */
export function doubtsAbout(found: SweepCounts, url: string): string[] {
  const { stored, recorded, orphans, strangers, hollow, hollowLasting } = found;
  const doubts: string[] = [];
  if (!areFewHollow(hollow, recorded))
    doubts.push(
      `Recorded files are missing from ${url}: ${hollow} of ${recorded}. Is the disk mounted, and FILES_URL right? The records are kept; plaza files check tells more.`,
    );
  else if (hollowLasting > 0)
    doubts.push(
      `Room images or files of pinned messages are missing from ${url}: ${hollowLasting}. Their records are kept; put the files back from a backup.`,
    );
  if (!areFewOrphans(orphans, stored))
    doubts.push(
      `Files in ${url} have no record: ${orphans} of ${stored}, more than a crash leaves behind. Was the database restored? They are kept; plaza files check tells more.`,
    );
  if (strangers > 0)
    doubts.push(
      `Files in ${url} have ids that this database never gave out: ${strangers}. Does another copy of this server use the same store, or was the database restored from a backup? They are kept.`,
    );
  return doubts;
}
