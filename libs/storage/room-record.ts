import type { RoomToken } from '../protocol/ids.js';

/** A room's row. */
export interface RoomRecord {
  id: number;
  token: RoomToken;
  name: string;
  description: string | null;
  imageId: number | null;
  createdAt: number;
  messageSequence: number;
  infoUpdates: number;
  activeUsers: number;
  defaultRead: boolean;
  defaultAccessible: boolean;
  defaultWrite: boolean;
  defaultUpload: boolean;
  /** Null: the server's own. */
  rateLimitPosts: number | null;
  rateLimitWindowSeconds: number | null;
  /** Null: messages are kept. */
  retentionDays: number | null;
  /** Counts changes of the room's own filter and automod rules; 0: it has none. */
  rulesVersion: number;
  /** Unix seconds; newcomers cannot write until then. Null: no raid. */
  raidLockedUntil: number | null;
  /** Counts changes of default permissions, roles and overrides. */
  accessVersion: number;
  /** Counts changes of messages that take no sequence number. */
  messageRewrites: number;
}

export type RoomName = Pick<RoomRecord, 'id' | 'token'>;

/** Of `rooms`, named as in {@link RoomRecord}. */
export const ROOM_COLUMNS = `rooms.id, token, name, description, image_id AS "imageId", created_at AS "createdAt",
  message_sequence AS "messageSequence", info_updates AS "infoUpdates", active_users AS "activeUsers",
  default_read AS "defaultRead", default_accessible AS "defaultAccessible", default_write AS "defaultWrite",
  default_upload AS "defaultUpload", rate_limit_posts AS "rateLimitPosts",
  rate_limit_window_seconds AS "rateLimitWindowSeconds", retention_days AS "retentionDays",
  rules_version AS "rulesVersion", raid_locked_until AS "raidLockedUntil", access_version AS "accessVersion",
  message_rewrites AS "messageRewrites"`;
