import type { Permissions } from '../../api/types.js';

export const PERMISSION_NAMES = ['accessible', 'read', 'write', 'upload'] as const;

/** `may write, not upload`; what the room says itself is not repeated. */
export function permissionsText(permissions: Permissions = {}): string {
  const named = (value: boolean) => PERMISSION_NAMES.filter((name) => permissions[name] === value);
  const may = named(true);
  const mayNot = named(false);
  if (may.length + mayNot.length === 0) return 'As the room';
  return [may.length > 0 && `may ${may.join(', ')}`, mayNot.length > 0 && `not ${mayNot.join(', ')}`]
    .filter((part) => part !== false)
    .join(', ');
}
