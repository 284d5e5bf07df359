import { encodeBase64 } from '../protocol/encodings.js';
import { restorePadding } from '../protocol/padding.js';
import type {
  MessageObject,
  ReactionObject,
  ReactionUpdateObject,
} from '../protocol/schemas/message.schema.js';
import type { MessageRecord } from '../storage/messages.repository.js';
import type { ReactionSummary } from '../storage/reactions.repository.js';

export type Reactions = Record<string, ReactionObject>;

/** The message as readers see it (protocol.md §4): live, or a tombstone when its data is gone. */
export function messageObject(message: MessageRecord, reactions: Reactions): MessageObject {
  const { data, dataSize, signature } = message;
  const live = data !== null && dataSize !== null && signature !== null;
  return {
    id: message.id,
    session_id: message.sessionId,
    posted: message.postedAt,
    ...(message.editedAt !== null && { edited: message.editedAt }),
    seqno: message.seqno,
    ...(live
      ? { data: encodeBase64(restorePadding({ data, size: dataSize })), signature: encodeBase64(signature) }
      : { data: null, deleted: true as const }),
    ...whisperFields(message),
    ...(live && { reactions }),
  };
}

/** Exactly these three keys (clients.md). */
export const reactionUpdateObject = (
  message: Pick<MessageRecord, 'id' | 'seqno'>,
  reactions: Reactions,
): ReactionUpdateObject => ({
  id: message.id,
  seqno: message.seqno,
  reactions,
});

export function whisperFields(message: Pick<MessageRecord, 'whisper' | 'whisperMods' | 'whisperTo'>) {
  if (!message.whisper) return {};
  return {
    whisper: true as const,
    whisper_mods: message.whisperMods,
    ...(message.whisperTo !== null && { whisper_to: message.whisperTo }),
  };
}

/** `summaries` of one message, in order of first appearance. Without reactors asked for, the list is left out. */
export function reactionsObject(summaries: readonly ReactionSummary[], reactorsMax: number): Reactions {
  // An emoji may be any text of up to 12 code points, `__proto__` included.
  const reactions: Reactions = Object.create(null) as Reactions;
  summaries.forEach(({ emoji, count, reactors, you }, index) => {
    reactions[emoji] = {
      index,
      count,
      ...(reactorsMax > 0 && { reactors }),
      ...(you && { you: true as const }),
    };
  });
  return reactions;
}
