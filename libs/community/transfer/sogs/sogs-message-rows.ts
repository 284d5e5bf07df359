import type { SourceRow } from '../../../storage/sogs/sogs-source.js';
import type { TransferRow, TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import {
  flagOf,
  integerOf,
  optionalBytesOf,
  optionalFlagOf,
  optionalIntegerOf,
  optionalTimeOf,
  textOf,
  timeOf,
} from './row-values.js';
import type { RowContext, SogsRows } from './sogs-rows.js';

const SIGNATURE_BYTES = 64;
const INT4_MAX = 2 ** 31 - 1;

function messageRow(row: SourceRow, { findings }: RowContext): TransferRow | undefined {
  const id = integerOf(row, 'id');
  const note = (rule: Parameters<typeof findings.note>[0]): undefined =>
    findings.note(rule, 'messages', id) as undefined;
  if (flagOf(row, 'room_gone')) return note('room-gone');
  const whisperToId = optionalIntegerOf(row, 'whisper');
  if (flagOf(row, 'user_gone') || (whisperToId !== null && flagOf(row, 'whisper_gone')))
    return note('author-gone');
  const content = contentOf(row, note);
  const numbers = numbersOf(row, content?.data == null, note);
  if (!content || !numbers) return undefined;
  return {
    id,
    room_id: integerOf(row, 'room'),
    author_id: integerOf(row, 'user'),
    posted_at: timeOf(row, 'posted'),
    edited_at: optionalTimeOf(row, 'edited'),
    ...numbers,
    ...content,
    filtered: flagOf(row, 'filtered'),
    whisper_to_id: whisperToId,
    whisper_mods: flagOf(row, 'whisper_mods'),
  };
}

function contentOf(row: SourceRow, note: (rule: 'signature' | 'tombstone-rest') => undefined) {
  const [data, signature] = [optionalBytesOf(row, 'data'), optionalBytesOf(row, 'signature')];
  const size = optionalIntegerOf(row, 'data_size');
  if (data === null) {
    if (signature !== null || size !== null) note('tombstone-rest');
    return { data: null, data_size: null, signature: null };
  }
  if (signature?.length !== SIGNATURE_BYTES || size === null || size < data.length || size > INT4_MAX)
    return note('signature');
  return { data, data_size: size, signature };
}

/** A database that is too old to know `seqno_creation` tells readers of tombstones that they need not see; that is all. */
function numbersOf(
  row: SourceRow,
  isDeleted: boolean,
  note: (rule: 'number-order' | 'unknown-creation') => undefined,
) {
  const dataNumber = integerOf(row, 'seqno_data');
  const reactions = integerOf(row, 'seqno_reactions');
  let creation = optionalIntegerOf(row, 'seqno_creation');
  if (creation === null) {
    const isUnchanged = !isDeleted && optionalTimeOf(row, 'edited') === null;
    creation = isUnchanged ? dataNumber : 1;
    if (!isUnchanged) note('unknown-creation');
  }
  if (creation < 1 || dataNumber < creation) return note('number-order');
  return { seqno_creation: creation, seqno_data: dataNumber, seqno_reactions: reactions };
}

/** False, and noted, for what belongs to a message that is not there any more. */
function hasMessage(row: SourceRow, table: string, { findings }: RowContext): boolean {
  if (!flagOf(row, 'message_gone') && !flagOf(row, 'room_gone')) return true;
  findings.note('message-gone', table, String(row['id']));
  return false;
}

function revisionRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!hasMessage(row, 'message_revisions', context)) return undefined;
  const [data, signature] = [optionalBytesOf(row, 'data'), optionalBytesOf(row, 'signature')];
  const messageId = integerOf(row, 'message');
  if (data === null || signature?.length !== SIGNATURE_BYTES)
    return void context.findings.note('history-signature', 'message_revisions', messageId);
  return {
    id: context.nextId(),
    message_id: messageId,
    replaced_at: timeOf(row, 'replaced'),
    data,
    data_size: data.length, // the reference forgets how long it was with its padding
    signature,
  };
}

function pinRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!hasMessage(row, 'pins', context)) return undefined;
  const messageId = integerOf(row, 'message');
  if (flagOf(row, 'user_gone')) return void context.findings.note('author-gone', 'pins', messageId);
  return {
    room_id: integerOf(row, 'room'),
    message_id: messageId,
    pinned_by_id: integerOf(row, 'pinned_by'),
    pinned_at: timeOf(row, 'pinned_at'),
  };
}

function reactionRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!hasMessage(row, 'reactions', context)) return undefined;
  const [id, emoji] = [integerOf(row, 'id'), textOf(row, 'reaction')];
  if (emoji === '' || flagOf(row, 'empty')) return void context.findings.note('empty', 'reactions', id);
  return { id, message_id: integerOf(row, 'message'), emoji };
}

function reactorRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!hasMessage(row, 'reactors', context)) return undefined;
  const reactionId = integerOf(row, 'reaction');
  if (optionalFlagOf(row, 'user_gone'))
    return void context.findings.note('user-gone', 'reactors', reactionId);
  return {
    id: context.nextId(),
    reaction_id: reactionId,
    user_id: integerOf(row, 'user'),
    reacted_at: timeOf(row, 'at'),
  };
}

export const SOGS_MESSAGE_ROWS: Partial<Record<TransferTableName, SogsRows>> = {
  messages: { from: ['messages'], make: messageRow },
  message_revisions: { from: ['revisions'], make: revisionRow },
  pins: { from: ['pins'], make: pinRow },
  reactions: { from: ['reactions'], make: reactionRow },
  reactors: { from: ['reactors'], make: reactorRow },
};
