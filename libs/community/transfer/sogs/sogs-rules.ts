import type { Rule } from '../findings.js';

/** A rule for every way in which a row of the reference server may not fit here. */
export const SOGS_RULES = {
  unreadable: { verdict: 'refused', text: 'a column holds what does not belong there' },
  'session-id': { verdict: 'refused', text: 'the session id is none' },
  'repeated-session-id': {
    verdict: 'refused',
    text: 'the session id differs from another one by case alone',
  },
  token: { verdict: 'refused', text: 'the token is not 1–64 of A–Z a–z 0–9 _ -' },
  'repeated-token': { verdict: 'refused', text: 'the token differs from another one by case alone' },
  'repeated-number': { verdict: 'refused', text: 'its sequence number is another message’s of the room too' },
  'number-order': { verdict: 'refused', text: 'its sequence numbers contradict each other' },
  signature: { verdict: 'refused', text: 'it has data, but no signature of 64 bytes or no size' },
  'author-gone': { verdict: 'refused', text: 'its user does not exist' },
  'file-missing': {
    verdict: 'refused',
    text: 'the uploaded file is not there, is a link, or has another size (--allow-missing-files goes on without it)',
  },
  'file-lost': {
    verdict: 'left out',
    text: 'the uploaded file is not there, is a link, or has another size',
  },
  'file-expired': { verdict: 'left out', text: 'it has expired' },
  'room-gone': { verdict: 'left out', text: 'its room does not exist any more' },
  'message-gone': { verdict: 'left out', text: 'its message was deleted, or is another room’s' },
  'user-gone': { verdict: 'left out', text: 'its user does not exist any more' },
  empty: { verdict: 'left out', text: 'it says nothing' },
  'history-signature': { verdict: 'left out', text: 'an earlier version without a signature of 64 bytes' },
  'mail-expired': { verdict: 'left out', text: 'it has expired' },
  'pending-form': { verdict: 'left out', text: 'the blinded id is not the one of the 05 id under this key' },
  'tombstone-rest': { verdict: 'mended', text: 'deleted, but with something left: that goes' },
  'server-role': { verdict: 'mended', text: 'the server itself needs no role' },
  'banned-role': { verdict: 'mended', text: 'banned and with a role: the role goes' },
  'admin-only': { verdict: 'mended', text: 'an admin is a moderator too' },
  counter: {
    verdict: 'mended',
    text: 'the room’s counter was behind its messages, and is set to the highest',
  },
  'no-image': { verdict: 'mended', text: 'the room’s image is missing or another room’s: it has none now' },
  'nul-in-text': { verdict: 'mended', text: 'NUL in a text becomes U+FFFD' },
  'unknown-creation': {
    verdict: 'mended',
    text: 'the database is too old to know the number at its creation',
  },
} as const satisfies Record<string, Rule>;

export type SogsRule = keyof typeof SOGS_RULES;
