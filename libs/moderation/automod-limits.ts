/** The bounds of automod rules. They keep one room from costing others memory or time. */

/** Of events in a window; the counters of libs/coordination count a little further. */
export const COUNT_MAX = 1_000;
/** Of a window, a slow mode. */
export const WINDOW_SECONDS_MAX = 86_400;
export const MUTE_SECONDS_MAX = 30 * 86_400;
export const BAN_SECONDS_MAX = 365 * 86_400;
export const LOCK_SECONDS_MAX = 7 * 86_400;
/** How long somebody can be new: a year. */
export const NEW_MINUTES_MAX = 365 * 24 * 60;
export const NEW_MESSAGES_MAX = 10_000;

export const TEXT_LENGTH_MAX = 262_144;
/** Shorter texts are said by many without meaning ill: "lol", "thanks". */
export const COPIED_TEXT_LENGTH_MIN_DEFAULT = 8;
export const FILES_MAX = 64;

/** Domains in one list. */
export const DOMAINS_MAX = 2_000;
/** Media types in one list. */
export const TYPES_MAX = 200;
/** Each image costs a comparison with each of them. */
export const IMAGE_HASHES_MAX = 2_000;
export const IMAGE_NOTE_LENGTH_MAX = 200;
/** Of 64 bits; images that have nothing in common differ in 32, some by chance in 18. */
export const IMAGE_DISTANCE_MAX = 16;
export const IMAGE_DISTANCE_DEFAULT = 8;

/** A raid is many people: posts of fewer newcomers are none. */
export const RAID_PEOPLE_MIN = 3;
