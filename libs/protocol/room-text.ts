import { countCodePoints } from './encodings.js';
import { badRequest } from './errors.js';
import type { Limits } from './limits.js';

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f]/g;
// eslint-disable-next-line no-control-regex
const CONTROLS_BUT_TAB_AND_NEWLINE = /[\u0000-\u0008\u000b-\u001f]/g;

/** A room name as stored: control characters stripped (protocol.md §5). Throws 400 when empty or too long. */
export function roomName(text: string, limits: Limits): string {
  const name = text.replace(CONTROLS, '');
  if (name.trim() === '') throw badRequest('The room name must not be empty');
  if (countCodePoints(name) > limits.roomNameCodePointsMax)
    throw badRequest(`The room name must not be longer than ${limits.roomNameCodePointsMax} characters`);
  return name;
}

/** A description as stored: tabs and newlines stay; null for an empty one. Throws 400 when too long. */
export function roomDescription(text: string | null, limits: Limits): string | null {
  const description = text?.replace(CONTROLS_BUT_TAB_AND_NEWLINE, '') ?? '';
  if (countCodePoints(description) > limits.roomDescriptionCodePointsMax)
    throw badRequest(
      `The room description must not be longer than ${limits.roomDescriptionCodePointsMax} characters`,
    );
  return description === '' ? null : description;
}
