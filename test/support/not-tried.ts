/** Why something cannot be tried on this machine; undefined where it can be. */
export type Obstacle = string | undefined;

/** A suite that this machine may not be able to carry. Then its tests count as skipped, and their names say why. */
export function describeUnless(obstacle: Obstacle, name: string, suite: () => void): void {
  if (obstacle === undefined) describe(name, suite);
  else describe.skip(nameOf(name, obstacle), suite);
}

/** The same for a single test. */
export function itUnless(obstacle: Obstacle, name: string, test: (() => void) | (() => Promise<void>)): void {
  if (obstacle === undefined) it(name, test);
  else it.skip(nameOf(name, obstacle), test);
}

const nameOf = (name: string, obstacle: string): string => `${name} (not tried: ${obstacle})`;
