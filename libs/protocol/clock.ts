/** Where the time comes from. Injected, so that tests can stop it; a class so that Nest can inject it by its type. */
export abstract class Clock {
  /** Unix seconds with sub-second precision, as on the wire. */
  abstract nowSeconds(): number;
}

const HOUR_SECONDS = 3600;

/** When somebody was here is kept to the hour, for privacy. */
export const toHour = (seconds: number): number => Math.floor(seconds / HOUR_SECONDS) * HOUR_SECONDS;

/** The last second of the year 9999: calendars end there, while a ban may be asked for 1e300 seconds. */
const TIME_SECONDS_MAX = 253_402_300_799;

/** The nearest time that every calendar knows. */
export const calendarTime = (seconds: number): number => Math.min(Math.max(seconds, 0), TIME_SECONDS_MAX);

/** As programs are told: ISO 8601 in UTC. */
export const isoTime = (seconds: number): string => new Date(calendarTime(seconds) * 1000).toISOString();

export const systemClock: Clock = { nowSeconds: () => Date.now() / 1000 };
