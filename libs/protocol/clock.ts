/** Where the time comes from. Injected, so that tests can stop it; a class so that Nest can inject it by its type. */
export abstract class Clock {
  /** Unix seconds with sub-second precision, as on the wire. */
  abstract nowSeconds(): number;
}

export const systemClock: Clock = { nowSeconds: () => Date.now() / 1000 };
