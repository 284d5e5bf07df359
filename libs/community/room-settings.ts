import { badRequest } from '../protocol/errors.js';
import { RETENTION_DAYS_MAX } from '../protocol/limits.js';

/** What a room's admins can change; absent members stay. */
export interface RoomSettings {
  name?: string;
  /** Null removes it. */
  description?: string | null;
  /** Id of a file that was uploaded to this room; null removes the image. */
  imageId?: number | null;
  defaultRead?: boolean;
  defaultAccessible?: boolean;
  defaultWrite?: boolean;
  defaultUpload?: boolean;
  /** Days after which messages are deleted; null: they are kept. */
  retentionDays?: number | null;
  /** Posts of one user within the window; null, and then both: the server's own limit. */
  rateLimitPosts?: number | null;
  rateLimitWindowSeconds?: number | null;
}

/** What a room is made of. */
export type NewRoom = Omit<RoomSettings, 'name' | 'description' | 'imageId'> & {
  token: string;
  name: string;
  description?: string | undefined;
};

/** What counts in `info_updates` when it changes (protocol.md §3). */
export const COUNTED: readonly (keyof RoomSettings)[] = ['name', 'description', 'imageId'];

/** Throws 400. */
export function requireDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > RETENTION_DAYS_MAX)
    throw badRequest(`Messages are kept for a whole number of days from 1 to ${RETENTION_DAYS_MAX}`);
}
