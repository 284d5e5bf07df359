import { isSettingName, SETTINGS } from './settings.js';

type Names = Readonly<Record<string, string | undefined>>;

/** Shorter names (PORT, HOST) are too close to ordinary variables to guess at outside our own file. */
const GUESSED_LETTERS_MIN = 6;
const LONG_NAME_LETTERS = 8;

/**
 * Warnings about names that look like a mistake: unknown `PLAZA_…` variables, unknown names in `.env`, and
 * variables whose name is almost that of a setting which is not set.
 */
export function findSuspectNames(env: Names, file: Names): string[] {
  const isSet = (name: string): boolean => env[name] !== undefined || file[name] !== undefined;
  const missing = [...SETTINGS.keys()].filter((name) => !isSet(name));
  const warnings: string[] = [];
  for (const name of Object.keys(file)) {
    if (!isSettingName(name))
      warnings.push(`.env sets ${name}, which is no setting.${guess(name, missing, 0)}`);
  }
  for (const name of Object.keys(env)) {
    if (isSettingName(name) || file[name] !== undefined) continue;
    if (name.startsWith('PLAZA_')) {
      warnings.push(`The environment has ${name}, which is no setting.${guess(name, missing, 0)}`);
      continue;
    }
    // Other programs on the machine have their own.
    if (name.startsWith('AWS_')) continue;
    const meant = guess(name, missing, GUESSED_LETTERS_MIN);
    if (meant) warnings.push(`The environment has ${name}, which is no setting.${meant}`);
  }
  return warnings;
}

function guess(name: string, candidates: readonly string[], lettersMin: number): string {
  const letters = lettersOf(name);
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const wanted = lettersOf(candidate);
    if (Math.min(letters.length, wanted.length) < lettersMin) continue;
    const allowed = wanted.length >= LONG_NAME_LETTERS ? 2 : 1;
    const distance = editDistance(letters, wanted, allowed);
    if (distance > allowed || distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest ? ` Did you mean ${nearest}?` : '';
}

const lettersOf = (name: string): string => name.replace(/[_-]/g, '').toUpperCase();

/**
 * Letters to insert, drop, replace or swap with their neighbour (optimal string alignment); any number above
 * `most` may stand for "too far".
 */
function editDistance(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let distance = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        distance = Math.min(distance, beforeLast[column - 2]! + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
