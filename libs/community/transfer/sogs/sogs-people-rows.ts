import { parseSessionId, isUnblinded } from '../../../protocol/ids.js';
import { toHour } from '../../../protocol/clock.js';
import type { SourceRow } from '../../../storage/sogs/sogs-source.js';
import type { TransferRow, TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import { flagOf, integerOf, optionalFlagOf, optionalIntegerOf, textOf, timeOf } from './row-values.js';
import type { RowContext, SogsRows } from './sogs-rows.js';

const SERVER_ID = /^ff[0-9a-f]{64}$/;
const DAY_SECONDS = 86_400;

function userRow(row: SourceRow, { findings, now }: RowContext): TransferRow | undefined {
  const id = integerOf(row, 'id');
  const sessionId = textOf(row, 'session_id').toLowerCase();
  const isServer = SERVER_ID.test(sessionId);
  if (!isServer && !parseSessionId(sessionId)) return void findings.note('session-id', 'users', id);
  const createdAt = timeOf(row, 'created');
  const roles = rolesOf(row, (rule) => findings.note(rule, 'users', id));
  if (isServer && roles.moderator) findings.note('server-role', 'users', id);
  return {
    id,
    session_id: sessionId,
    // As we keep it: exact for a day, while rules for newcomers may ask.
    created_at: createdAt > now - DAY_SECONDS ? createdAt : toHour(createdAt),
    last_active_at: isServer ? null : toHour(timeOf(row, 'last_active')),
    ...roles,
    ...(isServer && { banned: false, moderator: false, admin: false }),
    visible_mod: flagOf(row, 'visible_mod'),
  };
}

function rolesOf(row: SourceRow, note: (rule: 'banned-role' | 'admin-only') => void) {
  const [banned, admin] = [flagOf(row, 'banned'), flagOf(row, 'admin')];
  const moderator = flagOf(row, 'moderator');
  if (banned && (moderator || admin)) {
    note('banned-role');
    return { banned, moderator: false, admin: false };
  }
  if (admin && !moderator) note('admin-only');
  return { banned, moderator: moderator || admin, admin };
}

/** Whether both ends of a row about somebody in a room are there. */
function isPresent(row: SourceRow, table: string, { findings }: RowContext): boolean {
  for (const rule of ['room-gone', 'user-gone'] as const) {
    if (!optionalFlagOf(row, rule.replace('-', '_'))) continue;
    findings.note(rule, table, String(row['id']));
    return false;
  }
  return true;
}

function overrideRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!isPresent(row, 'permission_overrides', context)) return undefined;
  const { findings } = context;
  const userId = integerOf(row, 'user');
  const flags = {
    read: optionalFlagOf(row, 'read'),
    accessible: optionalFlagOf(row, 'accessible'),
    write: optionalFlagOf(row, 'write'),
    upload: optionalFlagOf(row, 'upload'),
  };
  const roles = rolesOf(row, (rule) => findings.note(rule, 'permission_overrides', userId));
  if (!roles.banned && !roles.moderator && Object.values(flags).every((flag) => flag === null))
    return void findings.note('empty', 'permission_overrides', userId);
  return {
    room_id: integerOf(row, 'room'),
    user_id: userId,
    ...roles,
    visible_mod: flagOf(row, 'visible_mod'),
    ...flags,
  };
}

function scheduledChangeRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!isPresent(row, 'scheduled_changes', context)) return undefined;
  const [roomId, userId] = [optionalIntegerOf(row, 'room'), integerOf(row, 'user')];
  const change = {
    read: optionalFlagOf(row, 'read'),
    write: optionalFlagOf(row, 'write'),
    upload: optionalFlagOf(row, 'upload'),
    banned: optionalFlagOf(row, 'banned'),
  };
  if (Object.values(change).every((flag) => flag === null))
    return void context.findings.note('empty', 'scheduled_changes', userId);
  const place = { room_id: roomId, user_id: userId, due_at: timeOf(row, 'at') };
  return { id: context.nextId(), ...place, ...change, to_default: null };
}

function activityRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!isPresent(row, 'room_activity', context)) return undefined;
  return {
    room_id: integerOf(row, 'room'),
    user_id: integerOf(row, 'user'),
    last_active_at: toHour(timeOf(row, 'last_active')),
  };
}

function pendingBlindingRow(row: SourceRow, context: RowContext): TransferRow | undefined {
  if (!isPresent(row, 'pending_blinding', context)) return undefined;
  const absoluteId = textOf(row, 'blinded_abs').toLowerCase();
  const sessionId = parseSessionId(textOf(row, 'session_id'));
  const pair = sessionId && isUnblinded(sessionId) ? context.blindedIds.pairOf(sessionId) : undefined;
  if (pair?.absolute !== absoluteId)
    return void context.findings.note('pending-form', 'pending_blinding', integerOf(row, 'user'));
  return { absolute_id: absoluteId, user_id: integerOf(row, 'user') };
}

export const SOGS_PEOPLE_ROWS: Partial<Record<TransferTableName, SogsRows>> = {
  users: { from: ['users'], make: userRow },
  permission_overrides: { from: ['overrides'], make: overrideRow },
  scheduled_changes: { from: ['permissionChanges', 'banChanges'], make: scheduledChangeRow },
  room_activity: { from: ['activity'], make: activityRow },
  pending_blinding: { from: ['pendingBlinding'], make: pendingBlindingRow },
};
