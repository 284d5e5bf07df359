/** The bounds of filter rules. They keep one room from costing others memory or time. */

/** Words in one list: the server's file, the words of a room. */
export const SERVER_WORDS_MAX = 50_000;
export const ROOM_WORDS_MAX = 5_000;
/** Of a word-list file, comments included. */
export const WORD_LIST_BYTES_MAX = 8 * 1024 * 1024;
/** Of one word or phrase, as written. */
export const TERM_LENGTH_MAX = 64;
/** Problems of a word list that are named before the rest is only counted. */
export const PROBLEMS_SHOWN_MAX = 20;

export const REPLY_TEMPLATES_MAX = 50;
export const REPLY_TEMPLATE_LENGTH_MAX = 2_000;
/** Session's own limit on display names is 100 bytes. */
export const PROFILE_NAME_BYTES_MAX = 100;
/** How much of an author's display name a reply repeats: it is a stranger's text of any length. */
export const REPEATED_NAME_LENGTH_MAX = 100;

/** Rooms whose rules are kept compiled: about 5 MB each with {@link ROOM_WORDS_MAX} words, nearly nothing without. */
export const COMPILED_ROOMS_MAX = 64;
/** Pseudo-users whose keys are kept. */
export const PSEUDO_USERS_MAX = 100;
