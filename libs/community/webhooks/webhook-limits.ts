/** On one server. */
export const WEBHOOKS_MAX = 100;
export const NAME_LENGTH_MAX = 100;
/** Of one webhook. Messages beyond wait where they are, other events beyond are not told. */
export const WAITING_MAX = 10_000;
/** Of those that came to an end, of one webhook; and for how long. */
export const ENDED_KEPT = 500;
export const ENDED_KEPT_SECONDS = 14 * 86_400;
/** Then a delivery is dead. */
export const ATTEMPTS_MAX = 10;
/** After the first failure; doubled with each that follows, up to the longest. */
export const FIRST_PAUSE_SECONDS = 5;
export const LONGEST_PAUSE_SECONDS = 900;
/** A webhook of which nothing succeeded for so long pauses by itself. */
export const FAILING_SECONDS_MAX = 86_400;
/** For so long after a change of the secret, deliveries are signed with the old one too. */
export const OLD_SECRET_SECONDS = 86_400;
