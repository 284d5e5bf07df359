/** Where the time comes from. Injected, so that tests can stop it; a class so that Nest can inject it by its type. */
export abstract class Clock {
  /** Unix seconds with sub-second precision, as on the wire. */
  abstract nowSeconds(): number;
}

const HOUR_SECONDS = 3600;

/** When somebody was here is kept to the hour, for privacy. */
export const toHour = (seconds: number): number => Math.floor(seconds / HOUR_SECONDS) * HOUR_SECONDS;

/** As programs are told: ISO 8601 in UTC. */
export const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();

export const systemClock: Clock = { nowSeconds: () => Date.now() / 1000 };
