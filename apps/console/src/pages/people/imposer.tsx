import type { Ban } from '../../api/types.js';
import { PersonLink } from '../../parts/person.jsx';
import { wordsOf } from '../../parts/shown.js';

/** A person, a token, or whatever acted by itself: the server's own id says less than its way. */
export function Imposer({ by, via }: Pick<Ban, 'by' | 'via'>) {
  if (by === undefined || by.startsWith('ff')) return <span>{via === undefined ? '–' : wordsOf(via)}</span>;
  return <PersonLink sessionId={by} />;
}
