/** What is wrong at a place of what was given, in a line that begins with the place; an empty place is all of it. */
export const placeText = ({ path, message }: { path: string; message: string }): string =>
  path === '' ? message : `${path}: ${message}`;
