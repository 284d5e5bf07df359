import { parseRoomToken } from '../../../protocol/ids.js';
import type { SourceRow } from '../../../storage/sogs/sogs-source.js';
import type { TransferRow, TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import {
  flagOf,
  integerOf,
  optionalBytesOf,
  optionalIntegerOf,
  optionalTextOf,
  optionalTimeOf,
  textOf,
  timeOf,
} from './row-values.js';
import type { RowContext, SogsRows } from './sogs-rows.js';

const DIRECT_MESSAGE_SECONDS = 15 * 86_400;

function roomRow(row: SourceRow, { findings }: RowContext): TransferRow | undefined {
  const [id, token] = [integerOf(row, 'id'), textOf(row, 'token')];
  if (!parseRoomToken(token)) return void findings.note('token', 'rooms', id);
  const [counter, highest] = [
    integerOf(row, 'message_sequence'),
    optionalIntegerOf(row, 'highest_number') ?? 0,
  ];
  if (highest > counter) findings.note('counter', 'rooms', id, `${counter} → ${highest}`);
  return {
    id,
    token,
    name: textOf(row, 'name'),
    description: optionalTextOf(row, 'description') || null,
    created_at: timeOf(row, 'created'),
    message_sequence: Math.max(counter, highest),
    info_updates: integerOf(row, 'info_updates'),
    active_users: integerOf(row, 'active_users'),
    default_read: flagOf(row, 'read'),
    default_accessible: flagOf(row, 'accessible'),
    default_write: flagOf(row, 'write'),
    default_upload: flagOf(row, 'upload'),
    rules_version: 0,
  };
}

/** Whether a file would be served: others leave with the worker's next run anyway. */
export const isExpired = (row: SourceRow, now: number): boolean => {
  const expiry = optionalTimeOf(row, 'expiry');
  return expiry !== null && expiry <= now;
};

function fileRow(row: SourceRow, { findings, lostFiles, now }: RowContext): TransferRow | undefined {
  const id = integerOf(row, 'id');
  if (isExpired(row, now)) return void findings.note('file-expired', 'files', id);
  const isRoomless = flagOf(row, 'room_gone');
  if (isRoomless) return void findings.note('room-gone', 'files', id);
  if (lostFiles.has(id))
    return void findings.note('file-lost', 'files', id, optionalTextOf(row, 'path') ?? '');
  return {
    id,
    room_id: integerOf(row, 'room'),
    uploader_id: flagOf(row, 'uploader_gone') ? null : optionalIntegerOf(row, 'uploader'),
    message_id: flagOf(row, 'message_gone') ? null : optionalIntegerOf(row, 'message'),
    size: integerOf(row, 'size'),
    uploaded_at: timeOf(row, 'uploaded'),
    expires_at: optionalTimeOf(row, 'expiry'),
    filename: optionalTextOf(row, 'filename'),
  };
}

function directMessageRow(row: SourceRow, { findings, now }: RowContext): TransferRow | undefined {
  const id = integerOf(row, 'id');
  if (flagOf(row, 'user_gone')) return void findings.note('user-gone', 'direct_messages', id);
  const postedAt = optionalTimeOf(row, 'posted_at') ?? now;
  const expiresAt = optionalTimeOf(row, 'expiry') ?? postedAt + DIRECT_MESSAGE_SECONDS;
  if (expiresAt <= now) return void findings.note('mail-expired', 'direct_messages', id);
  return {
    id,
    sender_id: integerOf(row, 'sender'),
    recipient_id: integerOf(row, 'recipient'),
    body: optionalBytesOf(row, 'body') ?? Buffer.alloc(0),
    posted_at: postedAt,
    expires_at: expiresAt,
    swallowed: false,
  };
}

export const SOGS_FILE_ROWS: Partial<Record<TransferTableName, SogsRows>> = {
  rooms: { from: ['rooms'], make: roomRow },
  files: { from: ['files'], make: fileRow },
  direct_messages: { from: ['directMessages'], make: directMessageRow },
};
